import { silent } from '@lockstep/checks';
import { lagSample } from '@lockstep/fixture';
import { expect, test, vi } from 'vitest';
import { localPubSub } from '../../src/pubsub/pubsub.ts';

const event = { type: 'lag', pair: 'orders', data: lagSample('orders') } as const;

test('a listener that throws stops neither the publisher nor the others, and is logged', () => {
  const error = vi.fn();
  const pubsub = localPubSub({ ...silent, error });
  const heard = vi.fn();
  pubsub.subscribe('lag', () => {
    throw new Error('broken');
  });
  pubsub.subscribe('lag', heard);
  pubsub.publish(event);
  expect(heard).toHaveBeenCalledWith(event);
  expect(error).toHaveBeenCalledOnce();
});

test('the same listener subscribed twice is two subscriptions', () => {
  const pubsub = localPubSub(silent);
  const heard = vi.fn();
  const stop = pubsub.subscribe('lag', heard);
  pubsub.subscribe('lag', heard);
  stop();
  stop();
  pubsub.publish(event);
  expect(heard).toHaveBeenCalledOnce();
});
