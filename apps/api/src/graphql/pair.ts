import { EngineRequestError, type PairState, type TableCounts } from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { AlertStateType, AlertType } from './alert.ts';
import { about } from './audited.ts';
import { builder } from './builder.ts';
import { CheckKindType } from './check.ts';
import { serverNamed } from './context.ts';
import { HeartbeatReadingType } from './heartbeat.ts';
import { LabelType } from './label.ts';
import { LagBucketType, LagSampleType } from './lag.ts';
import { namedNode, Node } from './node.ts';
import { PairEventKindType, PairEventType, PairStateNameType } from './pair-event.ts';
import { type PricedBy, storedCost } from './price.ts';
import { ReplicationStatusType } from './replication.ts';
import { attempt, resultOf } from './request-error.ts';
import { RunConnection, runPaging, RunType } from './run.ts';
import { Server } from './server.ts';
import { TableType } from './table.ts';

const maxHistoryPoints = 5_000;

const ThresholdsType = builder.objectRef<PairState['thresholds']>('Thresholds').implement({
  description:
    'Above which lag a pair needs attention: what is configured, beyond the delay that is intended.',
  fields: (t) => ({
    warningMs: t.exposeFloat('warningMs', { description: 'Lagging from here on, in milliseconds.' }),
    criticalMs: t.exposeFloat('criticalMs', { description: 'Critical from here on, in milliseconds.' }),
  }),
});

const TableCountsType = builder.objectRef<TableCounts>('TableCounts').implement({
  description: 'The tables of a pair by what is known of them.',
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'All tables that are to be compared.' }),
    match: t.exposeInt('match', { description: 'Tables that hold the same data.' }),
    different: t.exposeInt('different', { description: 'Tables with confirmed differences.' }),
    schemaDiffers: t.exposeInt('schemaDiffers', { description: 'Tables defined differently.' }),
    missing: t.exposeInt('missing', { description: 'Tables that exist on one side only.' }),
    unverified: t.exposeInt('unverified', { description: 'Tables that could not be decided.' }),
    error: t.exposeInt('error', { description: 'Tables whose check failed.' }),
    pending: t.exposeInt('pending', { description: 'Tables not verified yet.' }),
  }),
});

const pairId = namedNode('Pair', ([name = ''], { engine }) => engine.pair(name));

export const PairType = builder.objectRef<PairState>('Pair').implement({
  interfaces: [Node],
  description: 'A source and one target, compared: the unit that everything belongs to.',
  fields: (t) => ({
    id: t.id({
      description: 'Names it among everything that there is, for `Query.node`: made of what it is called.',
      resolve: ({ name }) => pairId(name),
    }),
    name: t.exposeString('name', { description: 'Its name in the configuration.' }),
    source: t.field({
      type: Server,
      description: 'The server that holds the truth.',
      resolve: ({ source }, _args, context) => serverNamed(context, source),
    }),
    target: t.field({
      type: Server,
      description: 'The server that should hold the same.',
      resolve: ({ target }, _args, context) => serverNamed(context, target),
    }),
    labels: t.field({
      type: [LabelType],
      description: 'What it belongs to, as configured: its own labels and those of `defaults`.',
      extensions: { usual: 4 },
      resolve: ({ labels }) => Object.entries(labels),
    }),
    state: t.expose('state', { type: PairStateNameType, description: 'How it is, in one word.' }),
    evidence: t.exposeString('evidence', { description: 'The sentence that explains `state`.' }),
    since: t.expose('since', { type: 'DateTime', description: 'When `state` last changed.' }),
    paused: t.exposeBoolean('paused', {
      description: 'Checks are held back by a person. Lag is measured all the same.',
    }),
    lag: t.expose('lag', {
      type: LagSampleType,
      nullable: true,
      description: 'The latest sample; null before the first one.',
    }),
    heartbeat: t.expose('heartbeat', {
      type: HeartbeatReadingType,
      nullable: true,
      description:
        "What the user's own pt-heartbeat says, for comparison; null when none is configured, or it was not read yet.",
    }),
    replication: t.expose('replication', {
      type: ReplicationStatusType,
      nullable: true,
      description: 'The latest replication status; null before the first one.',
    }),
    thresholds: t.expose('thresholds', {
      type: ThresholdsType,
      description: 'Above which lag it needs attention.',
    }),
    tableCounts: t.expose('tables', {
      type: TableCountsType,
      description: 'Its tables by what is known of them.',
    }),
    oldestVerification: t.expose('oldestVerification', {
      type: 'DateTime',
      nullable: true,
      description:
        'The oldest verification among its tables: everything is at least as fresh. Null while any table was never verified, or there are none.',
    }),
    table: t.field({
      type: TableType,
      nullable: true,
      description: 'One table; null when the pair has none of that name.',
      args: {
        schema: t.arg.string({ required: true, description: 'The schema (database) that it is in.' }),
        name: t.arg.string({ required: true, description: 'Its name.' }),
      },
      resolve: (pair, { schema, name }, { engine }) => engine.table(pair.name, schema, name),
    }),
    activeRuns: t.field({
      type: [RunType],
      description: 'Runs queued, running or paused.',
      extensions: { usual: 2 },
      resolve: ({ name }, _args, { engine }) => engine.activeRuns(name),
    }),
    runs: t.field({
      type: RunConnection,
      description: 'Runs under way and past, newest first.',
      args: {
        check: t.arg({ type: CheckKindType, description: 'Only of this check; all without it.' }),
        ...runPaging.args,
      },
      extensions: { cost: storedCost },
      resolve: ({ name }, { check, ...page }, { engine }) =>
        runPaging.page(page, (request) => engine.runs({ pair: name, ...(check && { check }) }, request)),
    }),
    alerts: t.field({
      type: [AlertType],
      description: 'Its alerts, newest first, at most 200; `Query.alerts` pages through all.',
      args: {
        states: t.arg({
          type: [AlertStateType],
          required: true,
          defaultValue: ['pending', 'firing'],
          description: 'Only in these states.',
        }),
      },
      extensions: { cost: storedCost },
      resolve: ({ name }, { states }, { engine }) =>
        engine.alerts({ pair: name, states }, { limit: 200 }).items,
    }),
    lagHistory: t.field({
      type: [LagBucketType],
      description:
        'Lag over time, oldest first, in buckets with minimum and maximum; where nothing was known there is no bucket.',
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'Where it begins, inclusive.' }),
        to: t.arg({ type: 'DateTime', description: 'Where it ends, exclusive; now without it.' }),
        maxPoints: t.arg.int({
          required: true,
          defaultValue: 600,
          description: `Buckets at most, 1 to ${maxHistoryPoints}; a number beyond is taken as the nearest of these.`,
        }),
      },
      extensions: { cost: storedCost },
      resolve: ({ name }, { from, to, maxPoints }, { engine }) =>
        engine.lagHistory(name, {
          ...range(from, to),
          maxPoints: Math.min(Math.max(maxPoints, 1), maxHistoryPoints),
        }),
    }),
    events: t.field({
      type: [PairEventType],
      description: 'What happened to it.',
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'Where it begins, inclusive.' }),
        to: t.arg({ type: 'DateTime', description: 'Where it ends, exclusive; now without it.' }),
        kinds: t.arg({ type: [PairEventKindType], description: 'Only of these kinds; of all without it.' }),
      },
      // Rarely more; what is more is found while it is answered.
      extensions: { cost: storedCost, usual: 200 },
      resolve: ({ name }, { from, to, kinds }, { engine }) =>
        engine.events(name, { ...range(from, to), ...(kinds && { kinds }) }),
    }),
  }),
});

function range(from: Date, to: Date | null | undefined): { from: Date; to: Date } {
  const end = to ?? new Date();
  if (from > end) throw new EngineRequestError('INVALID', '`from` is after `to`.');
  return { from, to: end };
}

builder.queryFields((t) => ({
  pairs: t.field({
    type: [PairType],
    description: 'Every configured pair, in the order of the configuration.',
    extensions: { length: ({ engine }: PricedBy) => engine.pairs().length },
    resolve: (_root, _args, { engine }) => engine.pairs(),
  }),
  pair: t.field({
    type: PairType,
    nullable: true,
    description: 'One pair; null when none has that name.',
    args: { name: t.arg.string({ required: true, description: 'Its name in the configuration.' }) },
    resolve: (_root, { name }, { engine }) => engine.pair(name),
  }),
}));

builder.subscriptionField('pairs', (t) =>
  t.field({
    type: PairType,
    description:
      'Every pair as it is now, then each change of state, pause, status or table counts. Lag samples alone are under `lag`.',
    args: { pair: t.arg.string({ description: 'Only this pair; all without it.' }) },
    subscribe: (_root, { pair }, context) => follow(context, 'pair', { pair: pair ?? null }),
    resolve: (state) => state,
  }),
);

const PairResult = resultOf('PairResult', 'The pair as it is now, or why nothing was done.', PairType);

builder.mutationFields((t) => ({
  pausePair: t.field({
    type: PairResult,
    extensions: about<{ name: string }>(({ name }) => name),
    description: 'Holds back every check of a pair, also after a restart. Lag is measured all the same.',
    args: { name: t.arg.string({ required: true, description: 'The name of the pair.' }) },
    resolve: (_root, { name }, context) => attempt(context, (by) => context.engine.pausePair(name, by)),
  }),
  resumePair: t.field({
    type: PairResult,
    extensions: about<{ name: string }>(({ name }) => name),
    description: 'Lets the checks of a paused pair go on.',
    args: { name: t.arg.string({ required: true, description: 'The name of the pair.' }) },
    resolve: (_root, { name }, context) => attempt(context, (by) => context.engine.resumePair(name, by)),
  }),
}));
