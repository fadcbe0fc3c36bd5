import { type LagSample, silent } from '@lockstep/checks';
import { lagSample } from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { gatherLag } from '../../src/pubsub/gathered.ts';
import { localPubSub } from '../../src/pubsub/pubsub.ts';

function gathering() {
  const pubsub = localPubSub(silent);
  const subscribe = vi.spyOn(pubsub, 'subscribe');
  return {
    pubsub,
    begun: () => subscribe.mock.calls.length,
    sample: (lagMs: number, pair = 'orders') =>
      pubsub.publish({ type: 'lag', pair, data: lagSample(pair, { lagMs }) }),
  };
}

const figures = (lists: (readonly LagSample[])[]) => lists.map((list) => list.map(({ lagMs }) => lagMs));

test('what comes together is told together, in the order in which it came, and to all who listen as one list', async () => {
  const { pubsub, sample } = gathering();
  const [one, other]: (readonly LagSample[])[][] = [[], []];
  gatherLag(pubsub, (list) => one!.push(list));
  gatherLag(pubsub, (list) => other!.push(list));
  sample(1, 'orders');
  sample(2, 'stock');
  sample(3, 'orders');
  await vi.waitFor(() => expect(figures(one!)).toEqual([[1, 2, 3]]), patient);
  expect(other![0]).toBe(one![0]);
  sample(4);
  sample(5);
  await vi.waitFor(
    () =>
      expect(figures(one!)).toEqual([
        [1, 2, 3],
        [4, 5],
      ]),
    patient,
  );
});

test('who comes later is not told what came before, which the others are told then', async () => {
  const { pubsub, sample } = gathering();
  const [early, late]: (readonly LagSample[])[][] = [[], []];
  gatherLag(pubsub, (list) => early!.push(list));
  sample(1);
  gatherLag(pubsub, (list) => late!.push(list));
  expect(figures(early!)).toEqual([[1]]);
  sample(2);
  await vi.waitFor(() => expect(figures(late!)).toEqual([[2]]), patient);
});

test('very many are told in lists of a bounded length, and none is lost', async () => {
  const { pubsub, sample } = gathering();
  const told: (readonly LagSample[])[] = [];
  gatherLag(pubsub, (list) => told.push(list));
  for (let at = 0; at < 2_500; at++) sample(at);
  await vi.waitFor(() => expect(told.flat()).toHaveLength(2_500), patient);
  expect(Math.max(...told.map((list) => list.length))).toBe(1_000);
  expect(figures(told).flat()).toEqual(Array.from({ length: 2_500 }, (_, at) => at));
});

test('while nobody listens nothing is gathered, and who comes after that hears what is new', async () => {
  const { pubsub, sample, begun } = gathering();
  const told: (readonly LagSample[])[] = [];
  expect(begun()).toBe(0);
  const stop = gatherLag(pubsub, () => {});
  sample(1);
  stop();
  stop();
  sample(2);
  gatherLag(pubsub, (list) => told.push(list));
  expect(begun()).toBe(2);
  sample(3);
  await vi.waitFor(() => expect(figures(told)).toEqual([[3]]), patient);
});
