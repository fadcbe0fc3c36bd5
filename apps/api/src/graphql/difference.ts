import type {
  CellValue,
  ChangedCell,
  DifferenceCounts,
  DifferenceKind,
  RoundEvidence,
  RowDifference,
  SchemaDifference,
} from '@lockstep/checks';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import { connection } from './page.ts';

const DifferenceKindType = describedEnum<DifferenceKind>('DifferenceKind', 'How a row is not the same.', {
  missing: 'On the source only.',
  surplus: 'On the target only.',
  changed: 'On both sides, with other content.',
});

const CellEncoding = describedEnum<CellValue['encoding']>(
  'CellEncoding',
  'How the text of a cell is to be read.',
  {
    text: 'As the server prints it.',
    hex: 'Binary content, two hexadecimal digits a byte.',
    masked: 'Withheld by the configuration.',
    absent: 'There is none: the row is on the other side only.',
  },
);

const CellValueType = builder.objectRef<CellValue>('CellValue').implement({
  description: 'The value of one column of one row on one side.',
  fields: (t) => ({
    text: t.exposeString('text', {
      nullable: true,
      description: 'Null is SQL NULL, unless `encoding` says that it is masked or absent.',
    }),
    encoding: t.expose('encoding', { type: CellEncoding, description: 'How `text` is to be read.' }),
    bytes: t.exposeFloat('bytes', {
      nullable: true,
      description: 'Length in bytes on the server; null when not known.',
    }),
    truncated: t.exposeBoolean('truncated', { description: '`text` was cut, the value is longer.' }),
  }),
});

const ChangedCellType = builder.objectRef<ChangedCell>('ChangedCell').implement({
  description: 'One column of a row that is not the same, on both sides.',
  fields: (t) => ({
    column: t.exposeString('column', { description: 'The name of the column.' }),
    source: t.expose('source', { type: CellValueType, description: 'Its value on the source.' }),
    target: t.expose('target', { type: CellValueType, description: 'Its value on the target.' }),
  }),
});

const RoundType = builder.objectRef<RoundEvidence>('Round').implement({
  description:
    'One look at both sides while a difference was being confirmed. Hashes are shortened; null means no such row.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it began.' }),
    position: t.exposeString('position', {
      nullable: true,
      description: "The source's position that the target had applied before it was read; null without one.",
    }),
    sourceBefore: t.exposeString('sourceBefore', {
      nullable: true,
      description: 'Hash of the row on the source, before the target was read.',
    }),
    target: t.exposeString('target', { nullable: true, description: 'Hash of the row on the target.' }),
    sourceAfter: t.exposeString('sourceAfter', {
      nullable: true,
      description: 'Hash of the row on the source, after the target was read.',
    }),
  }),
});

const KeyPartType = builder.objectRef<{ column: string; value: string | null }>('KeyPart').implement({
  description: 'One column of the key that names a row.',
  fields: (t) => ({
    column: t.exposeString('column', { description: 'The name of the column.' }),
    value: t.exposeString('value', { nullable: true, description: 'Its value; null is SQL NULL.' }),
  }),
});

const RowDifferenceType = builder.objectRef<RowDifference>('RowDifference').implement({
  description: 'One row that is not the same on both sides, confirmed.',
  fields: (t) => ({
    kind: t.expose('kind', { type: DifferenceKindType, description: 'How it is not the same.' }),
    key: t.field({
      type: [KeyPartType],
      description:
        'The columns of the key in their order; for a table without a key the whole row, of very many wide ones some values, cut ones ending with `…`.',
      resolve: ({ key }) => Object.entries(key).map(([column, value]) => ({ column, value })),
    }),
    columns: t.exposeStringList('columns', {
      description: 'Names of the columns that differ; empty for missing and surplus rows.',
    }),
    cells: t.field({
      type: [ChangedCellType],
      description:
        'The values of the columns that differ; of a row on one side only those of all columns that were compared and are not its key. Empty where they could not be read, and where only row counts were compared.',
      resolve: ({ cells }) => cells,
    }),
    count: t.exposeFloat('count', {
      description: 'How many identical rows this stands for; 1 except in tables without a key.',
    }),
    rounds: t.field({
      type: [RoundType],
      description: 'How it was confirmed: each look at both sides, oldest first.',
      resolve: ({ rounds }) => rounds,
    }),
  }),
});

export const RowDifferenceConnection = connection(RowDifferenceType, 'A page of rows that are not the same.');

export const SchemaDifferenceType = builder.objectRef<SchemaDifference>('SchemaDifference').implement({
  description: "One thing in a table's definition that is not the same on both sides.",
  fields: (t) => ({
    object: t.exposeString('object', { description: 'What it is, e.g. `column email` or `primary key`.' }),
    source: t.exposeString('source', {
      nullable: true,
      description: 'How it is on the source; null when not there.',
    }),
    target: t.exposeString('target', {
      nullable: true,
      description: 'How it is on the target; null when not there.',
    }),
    message: t.exposeString('message', { description: 'The difference in one sentence.' }),
  }),
});

export const DifferenceCountsType = builder.objectRef<DifferenceCounts>('DifferenceCounts').implement({
  // Of a large table that one side has not, more than an Int holds.
  description: 'How many rows are not the same, by kind: whole numbers. Counts all of them, listed or not.',
  fields: (t) => ({
    missing: t.exposeFloat('missing', { description: 'Rows on the source only.' }),
    surplus: t.exposeFloat('surplus', { description: 'Rows on the target only.' }),
    changed: t.exposeFloat('changed', { description: 'Rows on both sides with other content.' }),
  }),
});
