import { readOptionFile } from './option-file.ts';

/** What the options of MySQL's and MariaDB's programs say of how to connect. */
export interface ClientOptions {
  host?: string;
  port?: number;
  socket?: string;
  user?: string;
  password?: string;
  /** As the configuration has it. */
  tls?: boolean | { ca?: string; cert?: string; key?: string; verifyIdentity: boolean };
}

/** Throws an Error with a sentence to show. */
export function clientOptions(file: string): ClientOptions {
  const options = readOptionFile(file);
  const port = options.get('port');
  if (port !== undefined && !/^\d+$/.test(port)) {
    throw new Error(`option file ${file}: port: expected a number, found another text`);
  }
  const texts = ['host', 'socket', 'user', 'password'].flatMap((name) => {
    const value = options.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const tls = tlsOf(options);
  return {
    ...(Object.fromEntries(texts) as ClientOptions),
    ...(port !== undefined && { port: Number(port) }),
    ...(tls !== undefined && { tls }),
  };
}

/**
 * `ssl-mode` is MySQL's word, `ssl` and `ssl-verify-server-cert` are MariaDB's. Lockstep knows TLS and none, not "if it
 * is offered"; and under TLS it always looks at the certificate, of which only the host's name may be let go.
 */
function tlsOf(options: Map<string, string>): ClientOptions['tls'] {
  const mode = options.get('ssl-mode')?.toUpperCase();
  const isOn = (name: string) => /^(1|on|true|yes)?$/i.test(options.get(name) ?? 'no');
  const parts = (['ca', 'cert', 'key'] as const).flatMap((part) => {
    const value = options.get(`ssl-${part}`);
    return value === undefined || value === '' ? [] : [[part, value] as const];
  });
  const wanted = ['REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'].includes(mode ?? '');
  const verifies = mode === undefined ? isOn('ssl-verify-server-cert') : mode === 'VERIFY_IDENTITY';
  if (mode === 'DISABLED' || options.get('ssl') === '0' || options.has('skip-ssl')) return false;
  if (!wanted && !isOn('ssl') && !verifies && parts.length === 0) return undefined;
  return { ...Object.fromEntries(parts), verifyIdentity: verifies };
}
