import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Caller } from '../auth/authenticator.ts';

/**
 * By what the share of somebody is counted: their session; their token, or name, and where they use it; where nobody
 * signs in, the address alone.
 */
export function clientOf({ by }: Pick<Caller, 'by'>, address: string): string {
  if (by === null) return `address ${networkOf(address)}`;
  return by.kind === 'session' ? `session ${by.id}` : `${by.kind} ${by.name} ${networkOf(address)}`;
}

/** Of IPv6 one household has a whole network of addresses: they are counted as one. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [before = '', after] = address.split('%')[0]!.split('::');
  const groups = before === '' ? [] : before.split(':');
  const rest = after ? after.split(':') : [];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  return [...groups, ...Array<string>(zeros).fill('0'), ...rest].slice(0, 4).join(':');
}

/** Where requests come from, looking behind the proxies that are trusted to say so. */
export class Addresses {
  readonly #trusted = new BlockList();

  /** `proxies`: addresses, or networks such as `10.0.0.0/8`. */
  constructor(proxies: readonly string[]) {
    for (const proxy of proxies) {
      const [address = '', bits] = proxy.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(bits), family);
    }
  }

  /** What a proxy that is not trusted says is not looked at: anybody can say it. */
  of({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    const forwarded = headers['x-forwarded-for'];
    const hops = (Array.isArray(forwarded) ? forwarded.join() : (forwarded ?? '')).split(',').reverse();
    let address = plain(socket.remoteAddress ?? '');
    for (const hop of hops) {
      const before = plain(hop.trim());
      if (!this.#isTrusted(address) || isIP(before) === 0) break;
      address = before;
    }
    return address;
  }

  /** Whether the next machine is one of them: what it sends besides is its word, too. */
  isFromProxy({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
    return this.#isTrusted(plain(socket.remoteAddress ?? ''));
  }

  #isTrusted(address: string): boolean {
    return this.#trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** IPv4 as such, where a socket for both families shows it as IPv6; and without the port that some proxies add. */
function plain(address: string): string {
  const [, bare = address] = /^\[([^\]]*)\](?::\d+)?$/.exec(address) ?? /^([\d.]+):\d+$/.exec(address) ?? [];
  return bare.replace(/^::ffff:(?=\d+\.)/i, '');
}
