import type { HeartbeatClock, HeartbeatReading } from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';

const HeartbeatClockType = describedEnum<HeartbeatClock>(
  'HeartbeatClock',
  'Whose clock tells how old a heartbeat is.',
  {
    writer: "The one that writes it, learnt from the source's own row: no server's clock takes part.",
    target:
      "The target server's, because the source's row cannot be read: right only as far as that clock agrees with the writer's.",
  },
);

export const HeartbeatReadingType = builder.objectRef<HeartbeatReading>('HeartbeatReading').implement({
  description:
    "What the user's own pt-heartbeat says of a pair, read from its table. It is shown for comparison and used for nothing: " +
    'the lag is measured without it.',
  fields: (t) => ({
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was read.' }),
    table: t.exposeString('table', { description: 'The table that pt-heartbeat writes.' }),
    serverId: t.exposeString('serverId', {
      nullable: true,
      description: 'Whose row it is; null when that is not known.',
    }),
    lagMs: t.exposeFloat('lagMs', {
      nullable: true,
      description:
        'Age in milliseconds of the oldest heartbeat that the target certainly does not have; 0 for none; null means unknown, and `evidence` says why.',
    }),
    uncertaintyMs: t.exposeFloat('uncertaintyMs', {
      nullable: true,
      description: 'The truth lies between `lagMs` and `lagMs + uncertaintyMs`. Null when unknown.',
    }),
    clock: t.expose('clock', {
      type: HeartbeatClockType,
      nullable: true,
      description: 'Whose clock it was told by; null when the lag is unknown.',
    }),
    intervalMs: t.exposeFloat('intervalMs', {
      nullable: true,
      description:
        'How far apart heartbeats are usually seen to be written, in milliseconds; null before two of them.',
    }),
    beat: t.exposeString('beat', {
      nullable: true,
      description:
        'The heartbeat that the target has, as it was written; null when there is none to be read.',
    }),
    evidence: t.exposeString('evidence', { description: 'Why it is what it is, in one sentence.' }),
  }),
});

builder.subscriptionField('heartbeat', (t) =>
  t.field({
    type: HeartbeatReadingType,
    description: 'The latest heartbeat reading of every pair that has one configured, then every new one.',
    args: { pair: t.arg.string({ description: 'Only this pair; all without it.' }) },
    subscribe: (_root, { pair }, context) => follow(context, 'heartbeat', { pair: pair ?? null }),
    resolve: (reading) => reading,
  }),
);
