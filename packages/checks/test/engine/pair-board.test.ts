import { expect, test } from 'vitest';
import { PairBoard } from '../../src/engine/pair-board.ts';
import type { ReplicationStatus } from '../../src/model/replication.ts';
import { pairConfig } from '../support/config.ts';
import { channel } from '../support/replication.ts';

test("lag is too much from the thresholds on, beyond the delay of the pair's own channel", () => {
  const config = pairConfig([], { lag: { warningMs: 1_000, criticalMs: 5_000, forMs: 0 } });
  const pair = new PairBoard(config, [], false);
  expect(pair.state.thresholds).toEqual({ warningMs: 1_000, criticalMs: 5_000 });
  const others = channel({ name: 'other', intendedDelayMs: 60_000 });
  const own = channel({ name: 'own', intendedDelayMs: 2_000 });
  pair.replication = { channels: [others, own], channel: own } as ReplicationStatus;
  expect(pair.state.thresholds).toEqual({ warningMs: 3_000, criticalMs: 7_000 });
});
