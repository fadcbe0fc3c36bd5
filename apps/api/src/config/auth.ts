import { z } from 'zod';
import { duration, MAP, name, secret, text } from './leaves.ts';
import { isLoopback } from './loopback.ts';

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

const ISSUER = 'the issuer of the provider, such as https://login.example.com (http:// on this machine only)';

function isIssuer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, search, hash } = new URL(value);
  if (username + search + hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

const CLAIM = 'the name of a claim, such as groups or realm_access.roles';
const SCOPE = 'a scope, such as openid';
const SCOPES = 'a list of scopes with openid among them';

const oidc = z.strictObject(
  {
    issuer: text(ISSUER).refine(isIssuer, ISSUER),
    clientId: text('the id that the provider knows this service by'),
    // At most one of these two.
    clientSecret: secret(text('the secret of the client')).optional(),
    clientSecretFile: text('the path of a file that holds the secret of the client').optional(),
    scopes: z
      .array(text(SCOPE).regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, SCOPE), SCOPES)
      .refine((scopes) => scopes.includes('openid'), SCOPES)
      .prefault(['openid', 'profile', 'email']),
    nameClaim: text(CLAIM).optional(),
    roleClaim: text(CLAIM).optional(),
    roles: roles().optional(),
    defaultRole: role().optional(),
    label: name().prefault('OpenID Connect'),
    session: duration('5m', '7d').prefault('12h'),
  },
  MAP,
);

/** How people show who they are: at least one of these. */
export const authWays = z.strictObject(
  {
    tokens: z.array(token, 'a list of tokens').min(1, 'at least one token').optional(),
    proxyHeader: proxyHeader.optional(),
    oidc: oidc.optional(),
  },
  'tokens',
);
