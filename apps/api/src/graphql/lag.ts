import type { LagBucket, LagMethod, LagSample } from '@lockstep/checks';
import { follow, followLags } from '../pubsub/streams.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import type { PricedBy } from './price.ts';

const LagMethodType = describedEnum<LagMethod>('LagMethod', 'How a lag figure was obtained.', {
  gtid: "The source's GTID position was timed by Lockstep, and the target asked whether it has it.",
  file: 'The same by binlog file and offset.',
  estimate: "The target's own figure: used only just after a start, until a measurement can answer.",
  none: 'Not measured: the lag is unknown.',
});

export const LagSampleType = builder.objectRef<LagSample>('LagSample').implement({
  description:
    "One measurement of a pair's lag: how old the oldest change is that the target does not have yet. " +
    "Only Lockstep's own clock takes part, so clocks of servers that differ do not matter.",
  fields: (t) => ({
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was measured.' }),
    lagMs: t.exposeFloat('lagMs', {
      nullable: true,
      description: 'Milliseconds; 0 only when it was proved; null means unknown, and `evidence` says why.',
    }),
    uncertaintyMs: t.exposeFloat('uncertaintyMs', {
      nullable: true,
      description: 'The truth lies between `lagMs` and `lagMs + uncertaintyMs`. Null when unknown.',
    }),
    method: t.expose('method', { type: LagMethodType, description: 'How it was obtained.' }),
    transactionsBehind: t.expose('transactionsBehind', {
      type: 'BigInt',
      nullable: true,
      description:
        'Transactions that the source has and the target has not; null without GTID, or when unknown.',
    }),
    serverLagMs: t.exposeFloat('serverLagMs', {
      nullable: true,
      description:
        "The target's own `Seconds_Behind_Source` in milliseconds, for comparison only; null when it says NULL.",
    }),
    evidence: t.exposeString('evidence', { description: 'Why it is what it is, in one sentence.' }),
  }),
});

export const LagBucketType = builder.objectRef<LagBucket>('LagBucket').implement({
  description: 'The known samples of a stretch of time. A stretch in which nothing was known has no bucket.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'Where it begins, inclusive.' }),
    to: t.expose('to', { type: 'DateTime', description: 'Where it ends, exclusive.' }),
    minMs: t.exposeFloat('minMs', { description: 'The smallest lag in it, in milliseconds.' }),
    maxMs: t.exposeFloat('maxMs', { description: 'The largest lag in it: a spike never disappears.' }),
    avgMs: t.exposeFloat('avgMs', { description: 'The mean of its samples, in milliseconds.' }),
    samples: t.exposeInt('samples', { description: 'How many known samples it holds, at least 1.' }),
  }),
});

builder.subscriptionField('lag', (t) =>
  t.field({
    type: LagSampleType,
    description: 'The latest sample of every pair, then every new one.',
    args: { pair: t.arg.string({ description: 'Only this pair; all without it.' }) },
    subscribe: (_root, { pair }, context) => follow(context, 'lag', { pair: pair ?? null }),
    resolve: (sample) => sample,
  }),
);

builder.subscriptionField('lags', (t) =>
  t.field({
    type: [LagSampleType],
    description:
      'The same of all pairs, for who shows many: the latest sample of every pair in one list, then what came since in lists, oldest first, at most some four of them a second.',
    extensions: { length: ({ engine }: PricedBy) => engine.pairs().length },
    subscribe: (_root, _args, context) => followLags(context),
    resolve: (samples) => samples,
  }),
);
