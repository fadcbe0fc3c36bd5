import type { FoundServer } from '@lockstep/checks';
import { NAME } from '../config/leaves.ts';

/** A short name for each that tells it from all others: `db1` of `db1.example.com`, else host, else host and port. */
export function namesFor(servers: readonly FoundServer[]): Map<FoundServer, string> {
  const ways: ((server: FoundServer) => string)[] = [
    ({ host }) => (/^[a-z]/i.test(host) ? (host.split('.')[0] ?? host) : host),
    ({ host }) => host,
    ({ host, port }) => `${host}:${port}`,
  ];
  const way = ways.find((name) => {
    const all = servers.map(name);
    return all.every((name) => NAME.test(name)) && new Set(all).size === all.length;
  });
  return new Map(servers.map((server, index) => [server, way?.(server) ?? `server ${index + 1}`]));
}
