import { type AuthPlugin, authPlugins, type Connection, type ConnectionOptions } from 'mysql2';

/**
 * Logins that give the password to the holder of this key alone (PEM). The driver itself is told none: whatever else a
 * server, or whoever stands in between, asks it for, a hash of the password or the password itself, it does not know.
 */
export function pinnedLogins(
  password: string,
  serverPublicKey: string,
): Pick<ConnectionOptions, 'password' | 'authPlugins'> {
  const knowing = (plugin: AuthPlugin): AuthPlugin => {
    return ({ connection, command }) => plugin({ connection: withPassword(connection, password), command });
  };
  return {
    password: '',
    authPlugins: {
      caching_sha2_password: knowing(authPlugins.caching_sha2_password({ serverPublicKey })),
      sha256_password: knowing(authPlugins.sha256_password({ serverPublicKey })),
    },
  };
}

/** Said where a login with a pinned key was turned away: the server's own words speak of no password. */
export const pinnedHint =
  'with serverPublicKey only accounts that use caching_sha2_password or sha256_password can log in';

/** The same connection, whose password is known to whoever has this view of it. */
function withPassword(connection: Connection, password: string): Connection {
  const config = { ...(connection as unknown as { config: object }).config, password };
  return Object.create(connection, { config: { value: config } }) as Connection;
}
