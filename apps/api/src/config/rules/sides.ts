import { type Finding, show } from '../explain.ts';
import { isLoopback } from '../loopback.ts';
import { getIn, isMap } from '../path.ts';
import { suggestion } from '../suggest.ts';
import { listAt } from './lookup.ts';

/** Source and target exist, and are two. */
export function sides(raw: unknown): Finding[] {
  const declared = getIn(raw, ['servers']);
  const names = isMap(declared) ? Object.keys(declared) : [];
  return listAt(raw, ['pairs']).flatMap((pair, index) => {
    if (!isMap(pair)) return [];
    const { source, target } = pair;
    return [
      ...undeclared(source, names).map((message) => ({ path: ['pairs', index, 'source'], message })),
      ...undeclared(target, names).map((message) => ({ path: ['pairs', index, 'target'], message })),
      ...same(raw, source, target).map((message) => ({ path: ['pairs', index, 'target'], message })),
    ];
  });
}

function undeclared(side: unknown, names: readonly string[]): string[] {
  if (typeof side !== 'string' || side === '' || names.includes(side)) return [];
  return [`expected the name of a server under servers, found ${show(side)}${suggestion(side, names)}`];
}

function same(raw: unknown, source: unknown, target: unknown): string[] {
  const other = 'expected another server than the source, found';
  if (typeof source === 'string' && source === target) return [`${other} ${show(target)} on both sides`];
  const address = addressOf(raw, source);
  if (address === undefined || address !== addressOf(raw, target)) return [];
  return [`${other} the same address ${address} on both sides`];
}

/** `host:port`, with the names of this machine made one; or a socket. */
function addressOf(raw: unknown, side: unknown): string | undefined {
  const server = typeof side === 'string' ? getIn(raw, ['servers', side]) : side;
  if (!isMap(server)) return undefined;
  if (typeof server['socket'] === 'string') return server['socket'];
  if (typeof server['host'] !== 'string') return undefined;
  const host = isLoopback(server['host']) ? 'localhost' : server['host'].toLowerCase();
  return `${host}:${typeof server['port'] === 'number' ? server['port'] : 3306}`;
}
