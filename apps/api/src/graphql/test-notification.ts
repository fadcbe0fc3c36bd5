import type { TestDelivery } from '../notify/send-test.ts';
import { about } from './audited.ts';
import { builder } from './builder.ts';
import { attempt, RequestError, resultOf } from './request-error.ts';

const TestDeliveryType = builder.objectRef<TestDelivery>('TestDelivery').implement({
  description: 'What became of a test message to one destination.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'The name of the destination under `notifications` in the configuration.',
    }),
    ok: t.exposeBoolean('ok', { description: 'The destination accepted it.' }),
    message: t.exposeString('message', { description: 'How long that took, or why it did not arrive.' }),
  }),
});

const TestNotificationType = builder
  .objectRef<{ destinations: TestDelivery[] }>('TestNotification')
  .implement({
    description: 'What became of a test of all destinations.',
    fields: (t) => ({
      destinations: t.field({
        type: [TestDeliveryType],
        description: 'Every destination, in the order of the configuration.',
        resolve: ({ destinations }) => destinations,
      }),
    }),
  });

const TestNotificationResult = resultOf(
  'TestNotificationResult',
  'What became of the test, or why there was none.',
  TestNotificationType,
);

/** It sends something to other machines with each use. */
const cost = 20_000;

builder.mutationField('sendTestNotification', (t) =>
  t.field({
    type: TestNotificationResult,
    description:
      'Sends a test message to every destination, or to one, whatever it wants to be told, and waits for the answers.',
    extensions: {
      cost,
      ...about<{ destination?: string | null }>(({ destination }) => destination ?? 'all destinations'),
    },
    args: {
      destination: t.arg.string({ description: 'The name of the only one to send it to.' }),
    },
    resolve: (_root, { destination }, context) =>
      attempt(context, async (by) => {
        const destinations = await context.notifications.test(by, destination ?? undefined);
        if (destinations.length > 0) return { destinations };
        if (typeof destination === 'string') {
          return new RequestError('NOT_FOUND', `There is no destination "${destination}".`);
        }
        return new RequestError(
          'CONFLICT',
          'Nobody is told of alerts: `notifications` is empty in the configuration.',
        );
      }),
  }),
);
