import { onTestFinished } from 'vitest';
import type { ClusterKind } from '../cluster/cluster.ts';
import type { Flavour } from '../flavour.ts';
import { createFreshSchema, type FreshSchema, type Pair } from '../fresh-schema.ts';
import { ServerHandle } from '../server-handle.ts';
import type { SharedPairInfo } from './broker.ts';

export { tendedPair, type TendedOptions, type TendedPair } from './tended-pair.ts';

/** The flavours to test on: those that this machine can have. For `describe.each(flavours)`. */
export const flavours = (process.env['LOCKSTEP_TEST_FLAVOURS'] ?? 'mariadb,mysql')
  .split(',')
  .filter((name): name is Flavour => name === 'mariadb' || name === 'mysql');

/** The kinds of clusters that this machine can have. For `describe.each(clusters)`. */
export const clusters = (process.env['LOCKSTEP_TEST_CLUSTERS'] ?? 'galera,group-replication')
  .split(',')
  .filter((name): name is ClusterKind => name === 'galera' || name === 'group-replication');

const pairs = new Map<Flavour, Pair>();

/**
 * A source with a running replica, shared with all other tests: work in a schema of `freshSchema`, and leave servers,
 * threads and global variables alone. A test that stops or breaks something starts servers of its own.
 */
export async function sharedPair(flavour: Flavour): Promise<Pair> {
  // Asked for every time, since whoever keeps it then sees to it that it is well.
  const asked = await ask(flavour);
  const pair = pairs.get(flavour) ?? asked;
  pairs.set(flavour, pair);
  return pair;
}

/** A schema of the test's own on a pair. Inside a test it is dropped when the test ends; elsewhere, drop it. */
export async function freshSchema(on: Flavour | Pair): Promise<FreshSchema> {
  const schema = await createFreshSchema(typeof on === 'string' ? await sharedPair(on) : on);
  try {
    onTestFinished(() => {
      // Locks and session state that the test may have left; the servers are everybody's.
      schema.source.disconnect();
      schema.target.disconnect();
      return schema.drop();
    });
  } catch {
    // Not inside a test.
  }
  return schema;
}

async function ask(flavour: Flavour): Promise<Pair> {
  const broker = process.env['LOCKSTEP_TEST_SERVERS'];
  if (!broker) throw new Error('sharedPair needs @lockstep/servers/vitest/global-setup in vitest.config.ts');
  const response = await fetch(`${broker}/${flavour}`);
  if (!response.ok) throw new Error(await response.text());
  const { source, target } = (await response.json()) as SharedPairInfo;
  return { source: new ServerHandle(source), target: new ServerHandle(target) };
}
