import { z } from 'zod';
import { MAP, name, secret, text } from './leaves.ts';

const HASH = 'sha256: and 64 hexadecimal digits';
const TOKEN = 'a token of at least 16 characters';

const ROLE = 'viewer or operator';
const role = () => z.enum(['viewer', 'operator'], ROLE);

const token = z.strictObject(
  {
    name: name(),
    role: role(),
    // Exactly one of these three.
    tokenHash: secret(text(HASH).regex(/^sha256:[0-9a-f]{64}$/i, HASH)).optional(),
    tokenFile: text('the path of a file that holds the token').optional(),
    token: secret(text(TOKEN).min(16, TOKEN)).optional(),
  },
  'a token: name, role and tokenHash, tokenFile or token',
);

const HEADER = 'the name of a header, such as X-Forwarded-User';
const header = () => text(HEADER).regex(/^[\w-]+$/, HEADER);

const values = (whose: string) =>
  z.array(text(`what makes somebody ${whose}`), `a list of what makes somebody ${whose}`).optional();

const roles = () =>
  z.strictObject(
    { operator: values('an operator'), viewer: values('a viewer') },
    'a map with operator, viewer or both',
  );

const proxyHeader = z.strictObject(
  {
    name: header(),
    roleHeader: header().optional(),
    roles: roles().optional(),
    defaultRole: role().optional(),
  },
  MAP,
);

/** How people show who they are: at least one of these. */
export const authWays = z.strictObject(
  {
    tokens: z.array(token, 'a list of tokens').min(1, 'at least one token').optional(),
    proxyHeader: proxyHeader.optional(),
  },
  'tokens',
);
