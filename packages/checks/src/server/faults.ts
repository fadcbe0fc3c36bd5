import type { ServerConfig } from '../config.ts';
import { type Address, addressOf } from './address.ts';
import { foreignText } from './foreign-text.ts';
import { awaitsPassword } from './password-of.ts';
import { pinnedHint } from './pinned-key.ts';
import { AnswerTooLong, type FaultKind, OtherAnswer, ServerFault } from './sql-server.ts';

/** What is needed to name a server in a message. */
export interface ServerAddress extends Address {
  name: string;
  user: string;
  serverPublicKey?: string | null;
  /** Null: it is reached without TLS. */
  tls?: object | null;
}

/** What mysql2 and Node hand over; `errno` is the server's number only when `sqlState` came with it. */
interface DriverError {
  code?: string;
  errno?: number;
  sqlState?: string;
  message: string;
}

/** Where a statement was when it failed: the same 1045 refuses a login or a statement. */
export type Phase = 'connect' | 'query';

/** The network's words, by code: a sentence that says what happened and what to look at. */
const ofNetwork: Record<string, string> = {
  ECONNREFUSED: 'connection refused; is the server running, and is this its port?',
  ENOENT: 'there is no such socket; is the server running, and is this its socket?',
  EACCES: 'the socket may not be used by this user',
  ENOTSOCK: 'that is no socket',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no answer within the connect timeout; is the server hung, or a firewall in between?',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ECONNABORTED: 'the connection was aborted',
  PROTOCOL_CONNECTION_LOST: 'the server closed the connection',
};
const networkCodes = new Set(Object.keys(ofNetwork));

/** The same, and what the driver says of a login. */
const byCode: Record<string, string> = {
  ...ofNetwork,
  MYSQL_CLEAR_PASSWORD_NOT_ENABLED:
    'it asks for the password, or token, as it is: that is sent under tls with verifyIdentity only',
  HANDSHAKE_NO_SSL_SUPPORT:
    'the server does not offer TLS, which the configuration demands; where the link needs none, set tls: false',
  PROTOCOL_UNEXPECTED_PACKET: 'it sends what nobody asked for: does a proxy mix up answers?',
};

/** The server's numbers that mean that this connection, or any, cannot be had. */
const connectionErrnos: Record<number, string> = {
  1040: 'it has too many connections; raise max_connections or lower connection.poolSize',
  1053: 'it is shutting down',
  1129: 'it blocks this host after failed connections; FLUSH HOSTS (or TRUNCATE performance_schema.host_cache) unblocks it',
  1130: 'it does not allow connections from this host',
  1152: 'the connection was aborted',
  1158: 'the connection broke',
  1159: 'the connection timed out',
  1160: 'the connection broke',
  1161: 'the connection timed out',
  1203: "the account's max_user_connections is reached",
  1226: "the account's resource limit is reached",
  1927: 'the connection was killed',
  2006: 'the connection was lost',
  2013: 'the connection was lost during a statement',
  3032: 'it is in offline mode',
  3922: 'it takes compressed connections only, and Lockstep makes none; add uncompressed to its protocol_compression_algorithms',
  4031: 'it closed the idle connection',
  6400: 'it is in offline mode',
};

/** Numbers that refuse a login; retried all the same, since passwords are rotated and grants repaired. */
export const loginErrnos: ReadonlySet<number> = new Set([
  1044, 1045, 1251, 1524, 1698, 1820, 1862, 2059, 3118, 3159, 4151,
]);

/** Numbers by which whoever is at an address lets nobody in from here, whatever the login. */
const closedErrnos = new Set([1129, 1130, 1184, 3032, 6400]);

/** No further connection is to be had, for anybody or for this account; those that there are live on. */
const noRoomErrnos = new Set([1040, 1203, 1226]);

/** What ends a login, whoever is at the address, and says nothing of the next. */
const passingErrnos = new Set([1037, 1038, 1041, 1053, 1135, 1152, 1158, 1159, 1160, 1161]);

/** Of a statement that the server does not understand. */
export const syntaxErrno = 1064;
export const unknownVariableErrno = 1193;

const certificateRemedies: [RegExp, string][] = [
  [
    /altname|does not match/i,
    '; give the name that it is for in tls.serverName, or set tls.verifyIdentity: false',
  ],
  [/self-signed|unable to (get|verify)/i, '; give its CA in tls.ca'],
];

const timeoutErrnos = new Set([1205, 1969, 3024]);

const privilegeErrnos = new Set([1044, 1045, 1095, 1142, 1143, 1227, 1370, 1410]);

/** Whatever a driver, a socket or a server reported, told apart and named for a person. */
export function faultFrom(error: unknown, server: ServerAddress, phase: Phase): ServerFault {
  if (error instanceof ServerFault) return error;
  const driver = error as DriverError;
  const own = foreignText(error instanceof Error ? error.message : String(error));
  const at = `${server.name} (${addressOf(server)})`;
  const fault = (kind: FaultKind, reason: string, errno = 0): ServerFault =>
    new ServerFault(kind, server.name, `${at}: ${reason}`, errno, { cause: error, reason });

  const errno = driver.sqlState === undefined ? 0 : (driver.errno ?? 0);
  if (errno !== 0) {
    if (phase === 'connect' && loginErrnos.has(errno)) {
      if (errno === 3159) {
        return fault('connection', `it takes logins under TLS only: set tls: true (${errno}: ${own})`, errno);
      }
      const hint = server.serverPublicKey ? `; ${pinnedHint}` : hintFor(errno, server);
      return fault('connection', `access denied for ${server.user} (${errno}: ${own})${hint}`, errno);
    }
    const known = connectionErrnos[errno];
    if (known !== undefined) return fault('connection', `${known} (${errno}: ${own})`, errno);
    if (timeoutErrnos.has(errno)) return fault('timeout', `${own} (${errno})`, errno);
    if (privilegeErrnos.has(errno)) return fault('privilege', `${own} (${errno})`, errno);
    return fault(phase === 'connect' ? 'connection' : 'statement', `${own} (${errno})`, errno);
  }

  const code = driver.code ?? '';
  const [, plugin] = /unknown plugin ([\w-]+)/.exec(own) ?? [];
  if (plugin !== undefined) {
    return fault(
      'connection',
      `it asks for a login by ${plugin}, which Lockstep cannot make; give it an account with caching_sha2_password or mysql_native_password`,
    );
  }
  const known = byCode[code];
  if (known !== undefined) return fault('connection', `${known} (${code})`);
  if (code === 'HANDSHAKE_SSL_ERROR' && /protocol|version|cipher|handshake failure/i.test(own)) {
    return fault('connection', `no TLS that both know: Lockstep asks for TLS 1.2 or later (${own})`);
  }
  if (code === 'HANDSHAKE_SSL_ERROR') {
    const [, remedy = ''] = certificateRemedies.find(([says]) => says.test(own)) ?? [];
    return fault('connection', `its certificate is refused: ${own}${remedy}`);
  }
  if (code.startsWith('ERR_OSSL')) {
    return fault('connection', `a PEM text in tls or serverPublicKey cannot be read: ${own}`);
  }
  // A mistake in a program, the driver's or this one's, made over this one answer.
  if (phase === 'query' && (error instanceof TypeError || error instanceof RangeError)) {
    return fault('client', `${at}: its answer could not be read: ${own}`);
  }
  // Anything else without a number came from the socket or the driver: the link cannot be trusted any more.
  return fault('connection', `${own}${code === '' ? '' : ` (${code})`}`);
}

/** MariaDB says no more where a server or an account demands TLS. */
function hintFor(errno: number, { tls }: ServerAddress): string {
  return errno === 1045 && tls === null ? '; if it takes this account under TLS only, set tls: true' : '';
}

/**
 * Whoever answered at the address did not let this account in, or is none that the configuration lets be believed: it
 * may be another than the server that was there before.
 */
export function isTurnedAway({ kind, errno, greeted, loggedIn, cause }: ServerFault): boolean {
  if (kind !== 'connection') return false;
  if (errno !== 0) {
    const forLong = loggedIn ? loginErrnos.has(errno) || closedErrnos.has(errno) : !passingErrnos.has(errno);
    return forLong && !noRoomErrnos.has(errno);
  }
  return greeted !== null && !isOfNetwork(cause);
}

/**
 * The login was broken off here: the certificate is refused, what it asks for is not sent, or it came to no end.
 * Servers count that against this host, and at so many (max_connect_errors) let nobody in from here any more, whatever
 * the program; a frozen one does once it goes on, of all that were taken for it meanwhile.
 */
export function isBrokenOff(error: unknown): boolean {
  if (!(error instanceof ServerFault) || error.kind !== 'connection' || error.errno !== 0) return false;
  if (error.givenUp) return true;
  return error.greeted !== null && !error.loggedIn && !isOfNetwork(error.cause);
}

function isOfNetwork(cause: unknown): boolean {
  const { code = '' } = (cause ?? {}) as Partial<DriverError>;
  return networkCodes.has(code);
}

/** Of an answer that was not read to its end. */
export function unreadable(server: ServerAddress, phase: Phase, reason: string): ServerFault {
  const { name } = server;
  const kind = phase === 'query' ? 'client' : 'connection';
  return new AnswerTooLong(kind, name, `${name} (${addressOf(server)}): ${reason}`, 0, { reason });
}

/** `is` and `said` as a `Witness` prints who it is. */
export function otherAnswer(server: ServerAddress, is: string, said: string): ServerFault {
  const { name } = server;
  const reason = `another server answered on one connection: a proxy that splits reads, or a cache? (it is ${foreignText(is)}; this came from ${foreignText(said)})`;
  return new OtherAnswer('connection', name, `${name} (${addressOf(server)}): ${reason}`, 0, { reason });
}

/** Of a login that was not answered in time. */
export function noAnswer(server: ServerAddress): ServerFault {
  return faultFrom(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }), server, 'connect');
}

/** Of a login that did not come to its end in time: of the server, or of what has its password. */
export function late(server: ServerConfig): ServerFault {
  if (!awaitsPassword(server)) return noAnswer(server);
  const why =
    'its password was not had within the connect timeout; does its passwordCommand or passwordFile hang?';
  return faultFrom(new Error(why), server, 'connect');
}
