import { isIP } from 'node:net';
import { UsageError } from './io.ts';

/** A server as a command line names it. */
export interface NamedPlace {
  user?: string;
  host?: string;
  port?: number;
  socket?: string;
}

/** `[user@]host[:port]`, `[user@][::1]:3306`, or the path of a socket. Throws UsageError. */
export function parsePlace(text: string, option: string): NamedPlace {
  const at = text.lastIndexOf('@');
  const user = at > 0 ? { user: text.slice(0, at) } : {};
  const rest = text.slice(at + 1);
  if (rest.includes('/')) return { ...user, socket: rest };
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(rest) ?? [];
  const host = bracketed ?? plain ?? (isIP(rest) === 6 ? rest : undefined);
  if (at === 0 || host === undefined) {
    throw new UsageError(
      `${option} ${text}: expected HOST, HOST:PORT, USER@HOST:PORT or the path of a socket, found something else`,
    );
  }
  return { ...user, host, ...(port !== undefined && { port: Number(port) }) };
}
