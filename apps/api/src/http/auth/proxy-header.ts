import type { IncomingMessage } from 'node:http';
import type { Logger } from '@lockstep/checks';
import type { ProxyHeaderConfig, Role } from '../../config/loaded.ts';
import { printable } from '../../printable.ts';
import type { Addresses } from '../guard/client.ts';
import { roleOf } from './roles.ts';

const longestName = 200;
/** How often it is logged that somebody else sent the header. */
const logEveryMs = 60_000;

/** Whom a trusted proxy says a request is from. */
export interface Proxied {
  name: string;
  /** What it says that leads to a role. */
  said: readonly string[];
  /** Null: none. */
  role: Role | null;
}

/** Looks for whom a proxy says that a request is from. Nobody but a trusted proxy is believed. */
export class ProxyHeader {
  readonly #addresses: Addresses;
  readonly #log: Logger;
  #loggedAt = -Infinity;
  #unlogged = 0;

  constructor(addresses: Addresses, log: Logger) {
    this.#addresses = addresses;
    this.#log = log;
  }

  /** Null: no proxy that is believed says anything. */
  of(request: IncomingMessage, config: ProxyHeaderConfig): Proxied | null {
    const said = request.headersDistinct[config.name.toLowerCase()];
    if (said === undefined) return null;
    if (!this.#addresses.isFromProxy(request)) {
      this.#tell(
        request,
        'somebody who is no trusted proxy sent the header that says who asks: it is not believed',
      );
      return null;
    }
    const roles = config.roleHeader ? (request.headersDistinct[config.roleHeader.toLowerCase()] ?? []) : [];
    // What somebody sent themselves, and the proxy passed on beside its own.
    if (said.length > 1 || roles.length > 1) {
      this.#tell(request, 'a proxy sent a header that says who asks more than once: it is not believed');
      return null;
    }
    const name = readable(said[0]!);
    if (name === '') return null;
    const values = (roles[0] ?? '')
      .split(/[,|]/)
      .map(readable)
      .filter((value) => value !== '');
    return { name, said: values, role: roleOf(values, config.roles) };
  }

  #tell(request: IncomingMessage, message: string): void {
    this.#unlogged++;
    if (performance.now() - this.#loggedAt < logEveryMs) return;
    this.#log.warn({ address: this.#addresses.of(request), times: this.#unlogged }, message);
    this.#loggedAt = performance.now();
    this.#unlogged = 0;
  }
}

/** Headers come as bytes; names in them as UTF-8. */
function readable(value: string): string {
  return printable(Buffer.from(value, 'latin1').toString()).trim().slice(0, longestName);
}
