import type { TableOverride, TableSelection } from '../../config.ts';
import type { TableName } from '../../table-name.ts';
import { fits } from '../../table-pattern.ts';
import { wildcards } from '../../wildcards.ts';

export function selected(selection: TableSelection, name: TableName, fold = false): boolean {
  return (
    selection.include.some((pattern) => fits(pattern, name, fold)) &&
    (selection.within?.some((pattern) => fits(pattern, name, fold)) ?? true) &&
    !selection.exclude.some((pattern) => fits(pattern, name, fold))
  );
}

/** Whether a table of the schema may be selected. */
export function maySelect(selection: TableSelection, schema: string, fold = false): boolean {
  return selection.include.some((pattern) => wildcards(pattern.split('.')[0] ?? '', fold)(schema));
}

/** Whether a pattern names the schema in so many words, and not as one of all. */
export function namesSchema(selection: TableSelection, schema: string, fold = false): boolean {
  const parts = selection.include.map((pattern) => pattern.split('.')[0] ?? '');
  return parts.some((part) => !/[*?]/.test(part) && wildcards(part, fold)(schema));
}

/** Whether a pattern names the table in more words than that any will do. */
export function namesTable(selection: TableSelection, name: TableName, fold = false): boolean {
  return selection.include.some((pattern) => !/^\*$|\.\*$/.test(pattern) && fits(pattern, name, fold));
}

const none: TableOverride = { match: '*', ignoreColumns: [], maskColumns: [], method: null, where: null };

/** An override as it holds for one table. */
export interface RulingOverride extends TableOverride {
  /** Those of `maskColumns` that must fit a column: written for this table alone, or fitting none of any table. */
  ownMasks?: string[];
}

/** Masks of patterns that fit no column of any table. */
export type IdleMasks = ReadonlyMap<TableOverride, string[]>;

export const isForOneTable = ({ match }: TableOverride): boolean =>
  !/[*?]/.test(match) && match.includes('.');

/** The first that fits rules, but for masks: what any of them masks is masked, in whatever order they stand. */
export function overrideFor(
  selection: TableSelection,
  name: TableName,
  fold = false,
  idle: IdleMasks = new Map(),
): RulingOverride {
  const fitting = selection.overrides.filter((override) => fits(override.match, name, fold));
  const [first = none] = fitting;
  const masks = (overrides: TableOverride[]) => [
    ...new Set(overrides.flatMap(({ maskColumns }) => maskColumns)),
  ];
  const own = [...masks(fitting.filter(isForOneTable)), ...fitting.flatMap((each) => idle.get(each) ?? [])];
  return { ...first, maskColumns: masks(fitting), ...(own.length > 0 && { ownMasks: own }) };
}
