import {
  formatTableName,
  type ResultLine,
  type TableResult,
  type TableState,
  type VerdictSince,
} from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { builder } from './builder.ts';
import { CheckKindType, CheckMethodType, VerdictType } from './check.ts';
import { DifferenceCountsType, RowDifferenceConnection, SchemaDifferenceType } from './difference.ts';
import { namedNode, Node } from './node.ts';
import { connection, paging } from './page.ts';
import { storedCost } from './price.ts';
import { repairCost, repairOf, RepairResult } from './repair.ts';

type Result = Omit<TableResult, 'rows'>;

const TableVerdictType = builder.objectRef<ResultLine>('TableVerdict').implement({
  description: 'What one run said of a table.',
  fields: (t) => ({
    runId: t.exposeID('runId', { description: 'The run.' }),
    at: t.expose('finishedAt', { type: 'DateTime', description: 'When the verdict was reached.' }),
    verdict: t.expose('verdict', { type: VerdictType, description: 'What it was.' }),
    reason: t.exposeString('reason', { description: 'The sentence that explains it.' }),
  }),
});

const TableVerdictConnection = connection(
  TableVerdictType,
  'A page of what runs said of a table, newest first.',
);

const historyPaging = paging(20);
const rowPaging = paging(50);

const VerdictSinceType = builder.objectRef<VerdictSince>('VerdictSince').implement({
  description: 'How long a table has had its verdict.',
  fields: (t) => ({
    at: t.expose('since', {
      type: 'DateTime',
      description:
        'When it was first found. `UNVERIFIED` and `ERROR` in between do not interrupt a verdict that was decided.',
    }),
    before: t.expose('before', {
      type: TableVerdictType,
      nullable: true,
      description:
        'The last that said something else; null when history has none, so that it may have been so for longer.',
    }),
  }),
});

const TableResultType = builder.objectRef<Result>('TableResult').implement({
  description: 'What is known of one table of a pair after a run looked at it.',
  fields: (t) => ({
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    schema: t.exposeString('schema', { description: 'The schema (database) that the table is in.' }),
    table: t.exposeString('table', { description: 'The name of the table.' }),
    check: t.expose('check', { type: CheckKindType, description: 'What was compared.' }),
    verdict: t.expose('verdict', { type: VerdictType, description: 'What is known.' }),
    reason: t.exposeString('reason', { description: 'The sentence that explains the verdict.' }),
    method: t.expose('method', { type: CheckMethodType, description: 'How it was compared.' }),
    runId: t.exposeID('runId', { description: 'The run that found it.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      description: 'When the run began with this table.',
    }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', description: 'When the verdict was reached.' }),
    rowsCompared: t.expose('rowsCompared', {
      type: 'BigInt',
      description: 'Rows of the source that were compared.',
    }),
    sourceRows: t.expose('sourceRows', {
      type: 'BigInt',
      nullable: true,
      description: 'Rows on the source, exact; null when they were not counted.',
    }),
    targetRows: t.expose('targetRows', {
      type: 'BigInt',
      nullable: true,
      description: 'Rows on the target, exact; null when they were not counted.',
    }),
    chunks: t.exposeInt('chunks', { description: 'Chunks that the table was compared in.' }),
    position: t.exposeString('position', {
      nullable: true,
      description: "The source's position as of which the verdict holds; null without positions.",
    }),
    differences: t.expose('differences', {
      type: DifferenceCountsType,
      description: 'How many rows are not the same, by kind.',
    }),
    schemaDifferences: t.field({
      type: [SchemaDifferenceType],
      description: 'What in the definition is not the same.',
      // Nearly every table has none.
      extensions: { usual: 1 },
      resolve: ({ schemaDifferences }) => schemaDifferences,
    }),
    stands: t.boolean({
      description:
        'Of the latest results of both checks, that of this check says what is known of the table now: it is `Table.standing`.',
      resolve: ({ pair, check, schema, table }, _args, { engine }) =>
        engine.table(pair, schema, table)?.standing?.check === check,
    }),
    since: t.field({
      type: VerdictSinceType,
      nullable: true,
      description:
        'How long this check has said so of the table, as far back as history reaches; null where history has nothing of it, or it was said of another server or under other settings.',
      extensions: { cost: storedCost },
      resolve: ({ pair, check, schema, table }, _args, { engine }) =>
        engine.verdictSince(pair, check, schema, table),
    }),
    rows: t.field({
      type: RowDifferenceConnection,
      description:
        'The rows that are not the same, up to the configured limit, as of the latest result of this table and check; none where that does not hold any more.',
      args: rowPaging.args,
      extensions: { cost: storedCost },
      resolve: ({ pair, check, schema, table }, page, { engine }) =>
        rowPaging.page(page, (request) => engine.differences(pair, check, schema, table, request)),
    }),
    repair: t.field({
      type: RepairResult,
      description:
        'SQL that would make the target the same, for operators. It is made when it is asked for, from both servers: ask for one table at a time.',
      extensions: { cost: repairCost },
      resolve: (result, _args, context) => repairOf(result, context),
    }),
  }),
});

const tableId = namedNode('Table', ([pair = '', schema = '', table = ''], { engine }) =>
  engine.table(pair, schema, table),
);

export const TableType = builder.objectRef<TableState>('Table').implement({
  interfaces: [Node],
  description: 'A table of a pair as it is now: from the catalog, with its latest results.',
  fields: (t) => ({
    id: t.id({
      description: 'Names it among everything that there is, for `Query.node`: made of what it is called.',
      resolve: ({ pair, schema, table }) => tableId(pair, schema, table),
    }),
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    schema: t.exposeString('schema', { description: 'The schema (database) that it is in.' }),
    name: t.exposeString('table', { description: 'Its name.' }),
    qualifiedName: t.string({
      description:
        'Both as one text, `schema.table`, with backticks around a part that holds a dot or a backtick: what runs and alerts name it by, and what `startRun` takes.',
      resolve: formatTableName,
    }),
    rowsEstimated: t.expose('rowsEstimated', {
      type: 'BigInt',
      nullable: true,
      description: "Its rows by the source's statistics: an estimate; null when not known.",
    }),
    checksum: t.expose('checksum', {
      type: TableResultType,
      nullable: true,
      description: 'The latest result of comparing content; null when never compared.',
    }),
    consistency: t.expose('consistency', {
      type: TableResultType,
      nullable: true,
      description: 'The latest result of comparing row counts; null when never compared.',
    }),
    standing: t.expose('standing', {
      type: TableResultType,
      nullable: true,
      description:
        'The one of the two that says what is known of the table now: that of the content, unless it found nothing wrong and a later count did. Null while there is none.',
    }),
    history: t.field({
      type: TableVerdictConnection,
      description: 'What each run of one check said of it, newest first, for as long as history is kept.',
      args: {
        check: t.arg({
          type: CheckKindType,
          required: true,
          defaultValue: 'checksum',
          description: 'Which check.',
        }),
        ...historyPaging.args,
      },
      extensions: { cost: storedCost },
      resolve: ({ pair, schema, table }, { check, ...page }, { engine }) =>
        historyPaging.page(page, (request) => engine.tableHistory(pair, check, schema, table, request)),
    }),
    checking: t.exposeBoolean('checking', { description: 'A run is working on it now.' }),
  }),
});

builder.subscriptionField('tables', (t) =>
  t.field({
    type: TableResultType,
    description: 'The latest result of every table and check, then every new one.',
    args: {
      pair: t.arg.string({ description: 'Only of this pair; all without it.' }),
      current: t.arg.boolean({
        required: true,
        defaultValue: true,
        description: 'False leaves the latest results out, which may be many, and sends new ones only.',
      }),
    },
    subscribe: (_root, { pair, current }, context) =>
      follow(context, 'table', { pair: pair ?? null, current }),
    resolve: (result) => result,
  }),
);
