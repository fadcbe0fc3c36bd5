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

const ORIGIN = 'the origin of a site, such as https://ops.example.com';

export const httpSection = z.strictObject(
  {
    host: host().prefault('127.0.0.1'),
    port: integer(0, 65535).prefault(8080),
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
    graphiql: flag().prefault(true),
  },
  MAP,
);
