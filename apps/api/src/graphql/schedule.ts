import type { ScheduleState, WindowState } from '@lockstep/checks';
import { builder } from './builder.ts';
import { CheckKindType } from './check.ts';
import type { PricedBy } from './price.ts';

const CheckWindowType = builder.objectRef<WindowState>('CheckWindow').implement({
  description:
    'The time of the day in which a check may run by itself. What is not done at its end goes on in the next.',
  fields: (t) => ({
    hours: t.exposeString('hours', {
      description: 'As configured, with its time zone, e.g. "02:00–05:00 Europe/Berlin".',
    }),
    open: t.exposeBoolean('open', { description: 'Whether it is that time now.' }),
    turnsAt: t.expose('turnsAt', {
      type: 'DateTime',
      description: 'When it closes, if it is open, or else opens.',
    }),
  }),
});

const ScheduleType = builder.objectRef<ScheduleState>('Schedule').implement({
  description: 'When a check of a pair runs by itself.',
  fields: (t) => ({
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    check: t.expose('check', { type: CheckKindType, description: 'What it compares.' }),
    schedule: t.exposeString('schedule', {
      description:
        'As configured: the cron pattern, with its time zone if it has one, or the interval, e.g. "every 1 h".',
    }),
    nextRun: t.expose('nextRun', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it runs next, or goes on if its window ended before it was done; null when that is not set.',
    }),
    window: t.expose('window', {
      type: CheckWindowType,
      nullable: true,
      description: 'When it may run by itself; null for at any time.',
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
