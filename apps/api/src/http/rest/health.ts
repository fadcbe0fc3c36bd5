import type { Engine } from '@lockstep/checks';
import { health } from '../../health.ts';

/** Body and status for a probe: well as long as the program works, whatever the servers do. */
export function healthAnswer(engine: Engine, version: string) {
  const { ok, evidence, startedAt, storage, servers } = health(engine);
  return { status: ok ? 200 : 503, body: { ok, version, evidence, startedAt, storage, servers } } as const;
}
