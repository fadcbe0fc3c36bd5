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
  if (text.startsWith('/')) return { socket: text };
  const at = text.lastIndexOf('@');
  const account = text.slice(0, Math.max(at, 0));
  // As in an address of the web. It would be the name of an account, said to the server and in each error.
  if (/[:/]/.test(account)) {
    throw new UsageError(
      `${option}: expected USER@HOST, found more than a name before the @; a password is given by --ask-pass, $MYSQL_PWD or --defaults-file FILE, and a name with a colon by --user`,
    );
  }
  const user = at > 0 ? { user: account } : {};
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
