import type { Alert, Delivery } from '@lockstep/checks';
import type { Waiting } from '../notify/courier.ts';
import type { Notifications } from '../notify/notifications.ts';
import { AlertStateType, AlertType, SeverityType } from './alert.ts';
import { builder } from './builder.ts';
import { DestinationType } from './config.ts';
import { describedEnum } from './described-enum.ts';
import { storedCost } from './price.ts';

const DeliveryStateType = describedEnum<Delivery['state']>(
  'DeliveryState',
  'What became of a message about an alert.',
  {
    waiting: 'It has not arrived yet, and is tried again.',
    delivered: 'The destination accepted it.',
    'given-up': 'The destination refused it, or did not take it for a day.',
    'held-back': 'The alert was silenced before it was sent.',
  },
);

const DeliveryType = builder.objectRef<Delivery>('Delivery').implement({
  description: 'One message about an alert to one destination.',
  fields: (t) => ({
    destination: t.exposeString('destination', {
      description: 'The name of the destination under `notifications` in the configuration.',
    }),
    told: t.field({
      type: AlertStateType,
      description: 'The state of the alert that it tells.',
      resolve: ({ alert }): Alert['state'] => alert.state,
    }),
    severity: t.field({
      type: SeverityType,
      description: 'The severity of the alert that it tells.',
      resolve: ({ alert }) => alert.severity,
    }),
    state: t.expose('state', { type: DeliveryStateType, description: 'What became of it.' }),
    at: t.field({
      type: 'DateTime',
      description: 'When it arrived or was given up; while it waits, when it was decided on.',
      resolve: ({ createdAt, endedAt }) => endedAt ?? createdAt,
    }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why the last attempt failed; null when it did not, or there was none.',
    }),
  }),
});

builder.objectField(AlertType, 'deliveries', (t) =>
  t.field({
    type: [DeliveryType],
    description: 'Who was told about it, oldest first; empty when nobody was.',
    extensions: { cost: storedCost },
    resolve: ({ id }, _args, { notifications }) => notifications.deliveries(id),
  }),
);

builder.objectFields(DestinationType, (t) => ({
  waiting: t.int({
    description: 'How many messages wait to be told to it.',
    resolve: ({ name }, _args, { notifications }) => of(notifications, name)?.count ?? 0,
  }),
  longestWaiting: t.field({
    type: DeliveryType,
    nullable: true,
    description: 'The message that has waited longest; null when none waits.',
    resolve: ({ name }, _args, { notifications }) => of(notifications, name)?.oldest ?? null,
  }),
}));

function of(notifications: Notifications, name: string): Waiting | undefined {
  return notifications.waiting().find(({ destination }) => destination === name);
}
