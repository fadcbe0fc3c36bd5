import type { ScheduleState } from '@lockstep/checks';
import { builder } from './builder.ts';
import { CheckKindType } from './check.ts';
import type { PricedBy } from './price.ts';

const ScheduleType = builder.objectRef<ScheduleState>('Schedule').implement({
  description: 'When a check of a pair runs by itself.',
  fields: (t) => ({
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    check: t.expose('check', { type: CheckKindType, description: 'What it compares.' }),
    schedule: t.exposeString('schedule', {
      description: 'As configured: the cron pattern, or the interval, e.g. "every 1 h".',
    }),
    nextRun: t.expose('nextRun', {
      type: 'DateTime',
      nullable: true,
      description: 'When it runs next; null when that is not set.',
    }),
    lastRun: t.expose('lastRun', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last began; null for never.',
    }),
  }),
});

builder.queryField('schedules', (t) =>
  t.field({
    type: [ScheduleType],
    description: 'Every scheduled check.',
    extensions: { length: ({ engine }: PricedBy) => 2 * engine.pairs().length },
    resolve: (_root, _args, { engine }) => engine.schedules(),
  }),
);
