import { isIP } from 'node:net';
import { z } from 'zod';
import { authWays } from './auth.ts';
import { flag, host, integer, MAP, text } from './leaves.ts';

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
    auth: z.union([z.literal('none', 'none'), authWays], 'none, or a map with tokens').prefault('none'),
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
