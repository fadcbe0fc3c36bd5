import type { Finding } from '../explain.ts';
import { allServers } from './lookup.ts';

/** One way to every server: over the network, or by its socket on this machine. */
export function serverPlaces(raw: unknown): Finding[] {
  return [...allServers(raw)].flatMap(([path, { host, port, socket, serverPublicKey }]): Finding[] => {
    if (host === undefined && socket === undefined) {
      const expected = 'a host name or an IP address, without port or path';
      return [{ path: [...path, 'host'], message: `missing; expected ${expected}` }];
    }
    if (socket === undefined) return [];
    const [surplus] =
      Object.entries({ host, port, serverPublicKey }).find(([, value]) => value !== undefined) ?? [];
    if (surplus === undefined) return [];
    return [
      {
        path: [...path, surplus],
        message: `expected none beside a socket, which leads to this machine's own server`,
      },
    ];
  });
}
