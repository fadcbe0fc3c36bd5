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

function token(name: string, role: TokenConfig['role'], text: string): TokenConfig {
  return { name, role, sha256: createHash('sha256').update(text).digest('hex') };
}
