import { createHash } from 'node:crypto';
import type { TokenConfig } from 'lockstep/src/config/loaded.ts';
import type { Scene } from '../scene.ts';
import { allIsWell } from './all-is-well.ts';

const viewer = 'viewer-token-0123456789';
const operator = 'operator-token-0123456789';

export const signIn: Scene = {
  shows: `A service that asks for a token: ${viewer}, who may only look, or ${operator}.`,
  screens: { 'sign-in': { path: '/', when: null } },
  fill: allIsWell.fill,
  auth: { kind: 'tokens', tokens: [token('grafana', 'viewer', viewer), token('anna', 'operator', operator)] },
};

const roles = { operator: ['dba'], viewer: [], otherwise: null };

export const signInElsewhere: Scene = {
  shows: 'A service that sends people to a provider, which does not answer; or takes a token.',
  screens: {
    'sign-in': { path: '/', when: null },
    refused: { path: '/oidc/callback', when: null },
  },
  fill: allIsWell.fill,
  auth: {
    kind: 'tokens',
    tokens: [token('anna', 'operator', operator)],
    oidc: {
      // Nobody listens there.
      issuer: 'http://127.0.0.1:9',
      clientId: 'lockstep',
      scopes: ['openid'],
      roleClaim: 'groups',
      roles,
      label: 'Example Login',
      sessionMs: 3_600_000,
    },
  },
};

/** Without a provider's say, who a proxy is to name and does not. */
export const signInBehindProxy: Scene = {
  shows: 'A service that has no tokens, and is to be reached through a proxy that signs people in.',
  screens: { 'sign-in': { path: '/', when: null } },
  fill: allIsWell.fill,
  auth: { kind: 'tokens', tokens: [], proxyHeader: { name: 'X-Forwarded-User', roles } },
};

function token(name: string, role: TokenConfig['role'], text: string): TokenConfig {
  return { name, role, sha256: createHash('sha256').update(text).digest('hex') };
}
