import { silent } from '@lockstep/checks';
import { expect, test } from 'vitest';
import { Courier } from '../../src/notify/courier.ts';
import { single } from '../../src/notify/parcel.ts';
import { alert, START, storage } from './fixtures.ts';

const parcel = (id: string) =>
  single({
    key: id,
    destination: 'ops',
    alert: alert({ id }),
    state: 'waiting',
    createdAt: new Date(START),
    endedAt: null,
    attempts: 0,
    error: null,
  });

test.each(Array.from({ length: 40 }, (_, moment) => moment))(
  'a message that comes while the courier ends is brought: %i microtasks after the one before',
  async (moment) => {
    const brought: string[] = [];
    const courier = new Courier({
      destination: {
        name: 'ops',
        minSeverity: 'INFO',
        send: ({ alert }) => {
          if (brought.push(alert.id) === 1) void later();
          return Promise.resolve();
        },
      },
      storage: storage(),
      log: silent,
      linkTo: () => null,
      now: () => START,
      clock: () => 0,
      sleep: () => Promise.reject(new Error('nothing is to be tried again')),
    });
    const later = async () => {
      for (let i = 0; i < moment; i++) await Promise.resolve();
      courier.bring(parcel('second'));
    };
    courier.bring(parcel('first'));
    await expect.poll(() => brought).toEqual(['first', 'second']);
  },
);
