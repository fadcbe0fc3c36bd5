import { type ConnectionOptions, format } from 'mysql2';
import type { ServerConfig } from '../config.ts';
import { pinnedLogins } from './pinned-key.ts';
import type { SqlValue } from './sql-server.ts';
import { isVerified, tlsOptions } from './tls-options.ts';

export function driverOptions(config: ServerConfig, password: string): ConnectionOptions {
  return {
    // What TLS asks for by name; where to connect to is the socket's.
    host: nameOf(config),
    port: config.port,
    // The connection is made already; but over a socket servers take a password for safe, and want it as it is.
    ...(config.socket != null && { socketPath: config.socket }),
    user: config.user,
    // Whoever opens it has a deadline; a timer of the driver's would be due while this process is held up.
    connectTimeout: 0,
    charset: 'utf8mb4',
    // Both, or big numbers are rounded, or come as numbers and strings in turn.
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    // The driver would look for placeholders, letter by letter, in statements that have no values for any.
    queryFormat: (sql: string, values: SqlValue[]) => (values.length === 0 ? sql : format(sql, values)),
    // A SHOW goes with a SELECT that says who answers.
    multipleStatements: true,
    // None is ever prepared, and room for the default of 16,000 costs half a megabyte a connection.
    maxPreparedStatements: 1,
    // A server must not be able to ask for the files of this machine.
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: 'lockstep' },
    enableCleartextPlugin: isVerified(config.tls),
    ...(config.tls && { ssl: tlsOptions(config.tls) }),
    ...logins(config, password),
  };
}

/** What the certificate is to be for. */
export function nameOf({ host, tls }: ServerConfig): string {
  return tls?.serverName ?? host;
}

/** Under TLS it is the certificate that says to whom the password goes. */
function logins({ tls, serverPublicKey }: ServerConfig, password: string): ConnectionOptions {
  return tls === null && serverPublicKey !== null ? pinnedLogins(password, serverPublicKey) : { password };
}
