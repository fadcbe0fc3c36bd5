import {
  formatTableName,
  type ResultLine,
  type Run,
  type RunChange,
  type RunHolder,
  type RunProgress,
  type RunState,
  type Verdict,
} from '@lockstep/checks';
import { follow, requirePair } from '../pubsub/streams.ts';
import { about } from './audited.ts';
import { builder } from './builder.ts';
import { CheckKindType, VerdictType } from './check.ts';
import { describedEnum } from './described-enum.ts';
import { findable, Node } from './node.ts';
import { connection, paging } from './page.ts';
import { storedCost } from './price.ts';
import { attempt, resultOf } from './request-error.ts';

const RunStateType = describedEnum<RunState>('RunState', 'Where a run is in its life.', {
  queued: 'It waits for its turn.',
  running: 'It is comparing.',
  paused:
    'It holds back: a person wants it, a server is busy, or its window is over; the evidence says which.',
  finished: 'Every table has a verdict.',
  cancelled: 'A person ended it.',
  failed: 'It could not go on; the evidence says why.',
});

const RunHolderType = describedEnum<RunHolder>('RunHolder', 'Who lets a run stand still.', {
  operator: 'A person: it goes on when somebody resumes it.',
  throttle: 'The throttle: it goes on by itself when the servers have room for it.',
});

const RunTriggerType = describedEnum<Run['trigger']>('RunTrigger', 'Who started a run.', {
  schedule: 'The schedule of the check.',
  operator: 'A person, through this API or the page.',
  cli: 'A person, on the command line.',
});

const RunProgressType = builder.objectRef<RunProgress>('RunProgress').implement({
  description: 'How far a run has come.',
  fields: (t) => ({
    tablesDone: t.exposeInt('tablesDone', { description: 'Tables that have a verdict.' }),
    tablesTotal: t.exposeInt('tablesTotal', { description: 'Tables in all.' }),
    chunksDone: t.exposeInt('chunksDone', { description: 'Chunks compared.' }),
    rowsDone: t.expose('rowsDone', { type: 'BigInt', description: 'Rows compared.' }),
    rowsEstimated: t.expose('rowsEstimated', {
      type: 'BigInt',
      description: "Rows in all, by the server's statistics: an estimate.",
    }),
    rowsPerSecond: t.exposeFloat('rowsPerSecond', { description: 'How fast it goes.' }),
    remainingMs: t.exposeFloat('remainingMs', {
      nullable: true,
      description: 'Milliseconds to go, estimated; null when it cannot be told.',
    }),
    current: t.exposeString('current', {
      nullable: true,
      description: 'The table being worked on, by its `Table.qualifiedName`; null for none.',
    }),
  }),
});

const VerdictCountType = builder.objectRef<{ verdict: Verdict; count: number }>('VerdictCount').implement({
  description: 'How many tables got one verdict.',
  fields: (t) => ({
    verdict: t.expose('verdict', { type: VerdictType, description: 'The verdict.' }),
    count: t.exposeInt('count', { description: 'Tables that got it.' }),
  }),
});

const SaidOfTableType = builder.objectRef<Pick<ResultLine, 'verdict' | 'reason'>>('SaidOfTable').implement({
  description: 'What one run says of one table.',
  fields: (t) => ({
    verdict: t.expose('verdict', { type: VerdictType, description: 'What it is.' }),
    reason: t.exposeString('reason', { description: 'The sentence that explains it.' }),
  }),
});

const RunChangeType = builder.objectRef<RunChange>('RunChange').implement({
  description: 'A table of which one run says something else than another.',
  fields: (t) => ({
    schema: t.exposeString('schema', { description: 'The schema (database) that the table is in.' }),
    table: t.exposeString('table', { description: 'The name of the table.' }),
    qualifiedName: t.string({
      description: 'Both as one name: `Table.qualifiedName`.',
      resolve: (change) => formatTableName(change),
    }),
    now: t.expose('now', {
      type: SaidOfTableType,
      nullable: true,
      description: 'What the run says; null where it says nothing of it, as far as history reaches.',
    }),
    before: t.expose('before', {
      type: SaidOfTableType,
      nullable: true,
      description: 'What the other run says; null where it says nothing of it, as far as history reaches.',
    }),
  }),
});

const RunChangeConnection = connection(
  RunChangeType,
  'A page of tables of which two runs say something else.',
);
const changePaging = paging(50);

export const RunType = builder.objectRef<Run>('Run').implement({
  interfaces: [Node],
  description: 'One execution of a check over a pair.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the run.' }),
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    check: t.expose('check', { type: CheckKindType, description: 'What it compares.' }),
    state: t.expose('state', { type: RunStateType, description: 'Where it is in its life.' }),
    evidence: t.exposeString('evidence', {
      description: 'The sentence that explains `state`, e.g. "paused: lag 12 s ≥ 10 s".',
    }),
    heldBy: t.field({
      type: RunHolderType,
      nullable: true,
      description:
        'Who holds it, a person before the throttle; null when neither does: it is not paused, or waits for its window.',
      resolve: ({ heldBy }) => heldBy ?? null,
    }),
    trigger: t.expose('trigger', { type: RunTriggerType, description: 'Who started it.' }),
    only: t.exposeStringList('only', {
      nullable: true,
      description: 'The tables it was asked for, by their `Table.qualifiedName`; null for all of the pair.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it was started or queued.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended, in whatever way; null while it has not.',
    }),
    progress: t.expose('progress', { type: RunProgressType, description: 'How far it has come.' }),
    verdicts: t.field({
      type: [VerdictCountType],
      description: 'Tables by verdict; a verdict that no table got is not listed.',
      resolve: ({ verdicts }) =>
        (Object.entries(verdicts) as [Verdict, number][]).map(([verdict, count]) => ({ verdict, count })),
    }),
    changes: t.field({
      type: RunChangeConnection,
      description:
        'The tables of which it says something else than another run of the same check and pair, by schema and name.',
      args: {
        since: t.arg.id({ required: true, description: 'The `id` of that run.' }),
        ...changePaging.args,
      },
      extensions: { cost: storedCost },
      resolve: ({ id }, { since, ...page }, { engine }) =>
        changePaging.page(page, (request) => engine.runChanges(id, since, request)),
    }),
  }),
});

findable('Run', (id, { engine }) => engine.run(id));

export const RunConnection = connection(RunType, 'A page of runs, newest first.');
export const runPaging = paging(20);

builder.queryFields((t) => ({
  runs: t.field({
    type: RunConnection,
    description: 'Runs under way and past, newest first.',
    args: {
      pair: t.arg.string({ description: 'Only of this pair; all without it.' }),
      check: t.arg({ type: CheckKindType, description: 'Only of this check; all without it.' }),
      ...runPaging.args,
    },
    extensions: { cost: storedCost },
    resolve: (_root, { pair, check, ...page }, { engine }) => {
      requirePair(engine, pair);
      const filter = { ...(pair != null && { pair }), ...(check && { check }) };
      return runPaging.page(page, (request) => engine.runs(filter, request));
    },
  }),
  run: t.field({
    type: RunType,
    nullable: true,
    description: 'One run; null when there is none of that id (any more).',
    args: { id: t.arg.id({ required: true, description: 'Which run.' }) },
    extensions: { cost: storedCost },
    resolve: (_root, { id }, { engine }) => engine.run(id),
  }),
}));

builder.subscriptionField('runs', (t) =>
  t.field({
    type: RunType,
    description: 'Every run under way, then its progress (a few times a second at most) and its end.',
    args: { pair: t.arg.string({ description: 'Only of this pair; all without it.' }) },
    subscribe: (_root, { pair }, context) => follow(context, 'run', { pair: pair ?? null }),
    resolve: (run) => run,
  }),
);

const RunResult = resultOf('RunResult', 'The run as it is now, or why nothing was done.', RunType);
/** Said of what is named by an id alone. */
const aRun = about<{ id: string }, Run>(({ id }, run) => (run ? `${run.check} of ${run.pair}` : `run ${id}`));
const StartRunResult = resultOf('StartRunResult', 'The run that was queued, or why none was.', RunType);

builder.mutationFields((t) => ({
  startRun: t.field({
    type: StartRunResult,
    extensions: about<{ pair: string; check: string; tables?: string[] | null }>(({ pair, check, tables }) =>
      [`${check} of ${pair}`, ...(tables ?? [])].join(', '),
    ),
    description: 'Runs a check now. It reads from both servers, throttled as configured.',
    args: {
      pair: t.arg.string({ required: true, description: 'The name of the pair.' }),
      check: t.arg({
        type: CheckKindType,
        required: true,
        defaultValue: 'checksum',
        description: 'What to compare.',
      }),
      tables: t.arg.stringList({
        description:
          'Only these tables, as `schema.table`, with backticks around a part that holds a dot or a backtick: `Table.qualifiedName`. All of the pair without it.',
      }),
    },
    resolve: (_root, { pair, check, tables }, context) =>
      attempt(context, (by) => context.engine.startRun(pair, check, tables ?? null, by)),
  }),
  cancelRun: t.field({
    type: RunResult,
    extensions: aRun,
    description: 'Ends a run. What it has decided so far stays.',
    args: { id: t.arg.id({ required: true, description: 'Which run.' }) },
    resolve: (_root, { id }, context) => attempt(context, (by) => context.engine.cancelRun(id, by)),
  }),
  pauseRun: t.field({
    type: RunResult,
    extensions: aRun,
    description: 'Holds a run back until it is resumed.',
    args: { id: t.arg.id({ required: true, description: 'Which run.' }) },
    resolve: (_root, { id }, context) => attempt(context, (by) => context.engine.pauseRun(id, by)),
  }),
  resumeRun: t.field({
    type: RunResult,
    extensions: aRun,
    description: 'Lets a paused run go on where it was, outside of its window too.',
    args: { id: t.arg.id({ required: true, description: 'Which run.' }) },
    resolve: (_root, { id }, context) => attempt(context, (by) => context.engine.resumeRun(id, by)),
  }),
}));
