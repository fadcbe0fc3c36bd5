import type { PairEvent, PairEventKind, PairStateName } from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import { storedCost } from './price.ts';

export const PairStateNameType = describedEnum<PairStateName>(
  'PairStateName',
  'How a pair is, in one word.',
  {
    'in-sync': 'The target has everything that the source has, or lags less than its warning threshold.',
    lagging: 'The lag is over the warning threshold.',
    delayed: 'The target is behind as far as its configured delay asks for.',
    stopped: 'Replication was stopped.',
    connecting: 'The target is trying to reach its source.',
    broken: 'Replication stopped with an error.',
    'not-configured': 'The target replicates from nobody, and never did while Lockstep watched.',
    vanished: 'Replication was configured before, and is not any more.',
    'not-in-group': 'One of the two is a member of a cluster that left it, or was expelled.',
    'no-quorum': 'One of the two is cut off from the majority of its cluster.',
    joining: 'One of the two is joining its cluster, and catches up.',
    'source-behind': 'The source itself lacks what its cluster has; the target has it.',
    unknown: 'It cannot be told; the evidence says why.',
  },
);

export const PairEventKindType = describedEnum<PairEventKind>(
  'PairEventKind',
  'What kind of thing happened.',
  {
    state: "The pair's state changed.",
    connection: 'One of its servers came, went or changed.',
    restart: 'One of its servers was started anew.',
    failover:
      'Another server answers in the place of one of its servers, the target replicates from another one, or a cluster has another primary.',
    run: 'A run began or ended, or what it says of a table changed.',
    definition: 'A table is defined in another way than when it was last checked.',
    alert: 'Alerts of it or of its servers began to fire, or are over.',
    operator: 'A person did something.',
  },
);

export const PairEventType = builder.objectRef<PairEvent>('PairEvent').implement({
  description: 'Something that happened to a pair, kept for its time line.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the event.' }),
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    kind: t.expose('kind', { type: PairEventKindType, description: 'What kind of thing happened.' }),
    state: t.expose('state', {
      type: PairStateNameType,
      nullable: true,
      description: 'The state it changed to, where that is what happened.',
    }),
    message: t.exposeString('message', { description: 'What happened, in one sentence.' }),
  }),
});

builder.subscriptionField('pairEvents', (t) =>
  t.field({
    type: PairEventType,
    description: "New entries of the pairs' time lines. Past ones are under `Pair.events`.",
    args: {
      pair: t.arg.string({ description: 'Only of this pair; all without it.' }),
      after: t.arg.id({
        description:
          'The `id` of the last event that was seen: what happened since then comes first, oldest first, so that nothing is missed over a lost link. Of that very moment an event may come again.',
        extensions: { cost: storedCost },
      }),
    },
    subscribe: (_root, { pair = null, after }, context) =>
      follow(context, 'pairEvent', {
        pair,
        ...(after != null && { before: () => context.engine.eventsSince(after, pair) }),
      }),
    resolve: (event) => event,
  }),
);
