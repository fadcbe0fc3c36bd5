import { isDeepStrictEqual } from 'node:util';
import type { EngineConfig } from '../config.ts';
import type { NamesChanged, Reconfigured } from '../model/reconfigured.ts';
import { sameServer } from '../server/connection-manager.ts';

export type Changes = Pick<Reconfigured, 'pairs' | 'servers'>;

/** Which pairs and servers a configuration changes: by what is set for them, for all, and for what they rest on. */
export function compare(before: EngineConfig, now: EngineConfig): Changes {
  const sameConnection = isDeepStrictEqual(before.connection, now.connection);
  const servers = named(before.servers, now.servers, (a, b) => sameConnection && sameServer(a, b));
  const other = new Set([...servers.changed, ...servers.added]);
  const sameLag = isDeepStrictEqual(before.lag, now.lag);
  const pairs = named(before.pairs, now.pairs, (a, b) => {
    const sameSides = !other.has(b.source) && !other.has(b.target);
    return sameLag && sameSides && isDeepStrictEqual(a, b);
  });
  return { pairs, servers };
}

function named<Item extends { name: string }>(
  before: readonly Item[],
  now: readonly Item[],
  same: (a: Item, b: Item) => boolean,
): NamesChanged {
  const known = new Map(before.map((item) => [item.name, item]));
  const names = new Set(now.map(({ name }) => name));
  const kept = now.filter(({ name }) => known.has(name));
  const changed = kept.filter((item) => !same(known.get(item.name) as Item, item));
  return {
    added: now.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    removed: before.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    changed: changed.map(({ name }) => name),
    unchanged: kept.length - changed.length,
  };
}
