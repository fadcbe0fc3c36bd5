import { getCACertificates } from 'node:tls';
import type { SslOptions } from 'mysql2';
import type { TlsConfig } from '../config.ts';

const made = new WeakMap<TlsConfig, SslOptions>();

/** The same object for the same configuration: what the driver makes of it takes milliseconds, and is kept by it. */
export function tlsOptions(tls: TlsConfig): SslOptions {
  let options = made.get(tls);
  if (!options) {
    options = {
      minVersion: 'TLSv1.2',
      verifyIdentity: tls.verifyIdentity,
      ca: tls.ca ?? known(),
      ...(tls.cert !== null && { cert: tls.cert }),
      ...(tls.key !== null && { key: tls.key }),
    };
    made.set(tls, options);
  }
  return options;
}

/** Whether it is certain to whom a password goes that is sent as it is. */
export function isVerified(tls: TlsConfig | null): boolean {
  return tls?.verifyIdentity === true;
}

/** The authorities that come with Node, and the system's own, to which a company adds its. */
function known(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}
