import { isIP } from 'node:net';
import { z } from 'zod';
import { flag, host, integer, MAP, name, secret, text } from './leaves.ts';

const HASH = 'sha256: and 64 hexadecimal digits';
const TOKEN = 'a token of at least 16 characters';

const token = z.strictObject(
  {
    name: name(),
    role: z.enum(['viewer', 'operator'], 'viewer or operator'),
    // Exactly one of these three.
    tokenHash: secret(text(HASH).regex(/^sha256:[0-9a-f]{64}$/i, HASH)).optional(),
    tokenFile: text('the path of a file that holds the token').optional(),
    token: secret(text(TOKEN).min(16, TOKEN)).optional(),
  },
  'a token: name, role and tokenHash, tokenFile or token',
);

const PATH = 'a path such as /lockstep, without a / at its end';

const PUBLIC = 'where people reach the page, such as https://lockstep.example.com';

const PROXY = 'an IP address, or a network such as 10.0.0.0/8';

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username + search + hash === '';
}

function isNetwork(value: string): boolean {
  const [address = '', bits, ...more] = value.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (most < 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}

const ORIGIN = 'the origin of a site, such as https://ops.example.com';

export const httpSection = z.strictObject(
  {
    host: host().prefault('127.0.0.1'),
    port: integer(0, 65535).prefault(8080),
    basePath: text(PATH)
      .regex(/^(\/|(\/[\w~-][\w.~-]*)+)$/, PATH)
      .prefault('/'),
    publicUrl: text(PUBLIC).refine(isPlainUrl, PUBLIC).optional(),
    auth: z
      .union(
        [
          z.literal('none', 'none'),
          z.strictObject(
            { tokens: z.array(token, 'a list of tokens').min(1, 'at least one token') },
            'tokens',
          ),
        ],
        'none, or a map with tokens',
      )
      .prefault('none'),
    allowedOrigins: z
      .array(
        text(ORIGIN).refine((value) => URL.canParse(value) && new URL(value).origin === value, ORIGIN),
        'a list of origins',
      )
      .prefault([]),
    trustedProxies: z
      .array(text(PROXY).refine(isNetwork, PROXY), 'a list of addresses or networks')
      .prefault([]),
    maxConnections: integer(10, 100_000).prefault(1_000),
    maxConnectionsPerClient: integer(1, 100_000).prefault(64),
    graphiql: flag().prefault(true),
  },
  MAP,
);
