import type { KnownAs, Verdict } from '@lockstep/checks';
import { builder } from './builder.ts';
import { VerdictType } from './check.ts';
import { connection, paging } from './page.ts';
import { PairType } from './pair.ts';
import { type PricedBy, storedCost } from './price.ts';
import { TableType } from './table.ts';

const TableConnection = connection(TableType, 'A page of tables, by schema and name.');
/** Tables on a page at most. */
const mostTables = 500;
const tablePaging = paging(100, mostTables);

const largest = ({ engine }: PricedBy) =>
  engine.pairs().reduce((most, { tables }) => Math.max(most, tables.total), 0);
/** Every table is looked at, which takes far less than a value of an answer does. */
const look = { cost: (now: PricedBy) => largest(now) / 20 };

const verdictArgs = {
  verdicts: 'Only tables of which one of these verdicts stands, as `Table.standing` tells',
  pending: 'Beside those of `verdicts`, tables that were not verified yet.',
};

function knownAs(verdicts: readonly Verdict[] | null | undefined, pending: boolean): { known?: KnownAs[] } {
  return verdicts ? { known: [...verdicts, ...(pending ? (['pending'] as const) : [])] } : {};
}

builder.objectField(PairType, 'tables', (t) =>
  t.field({
    type: TableConnection,
    description: 'The tables that are to be compared, by schema and name.',
    args: {
      verdicts: t.arg({
        type: [VerdictType],
        description: `${verdictArgs.verdicts}; all without it.`,
        extensions: look,
      }),
      pending: t.arg.boolean({ required: true, defaultValue: false, description: verdictArgs.pending }),
      search: t.arg.string({
        description: 'Only tables with this text in `schema.table`, in whatever case; all without it.',
        extensions: look,
      }),
      ...tablePaging.args,
    },
    extensions: { cost: 1, most: mostTables, length: largest },
    resolve: ({ name }, { verdicts, pending, search, ...page }, { engine }) => {
      const filter = { ...knownAs(verdicts, pending), ...(search && { search }) };
      return tablePaging.page(page, (request) => engine.tablePage(name, request, filter));
    },
  }),
);

builder.queryField('tables', (t) =>
  t.field({
    type: TableConnection,
    description:
      'The tables of all pairs that are not the same, or of which something else is known: pair by pair, by their names.',
    args: {
      verdicts: t.arg({
        type: [VerdictType],
        defaultValue: ['DIFFERENT', 'SCHEMA_DIFFERS', 'MISSING'],
        description: `${verdictArgs.verdicts}; null for all.`,
      }),
      pending: t.arg.boolean({ required: true, defaultValue: false, description: verdictArgs.pending }),
      ...tablePaging.args,
    },
    extensions: {
      cost: storedCost,
      most: mostTables,
      length: ({ engine }: PricedBy) => engine.pairs().reduce((sum, { tables }) => sum + tables.total, 0),
    },
    resolve: (_root, { verdicts, pending, ...page }, { engine }) =>
      tablePaging.page(page, (request) => engine.everyTable(request, knownAs(verdicts, pending))),
  }),
);
