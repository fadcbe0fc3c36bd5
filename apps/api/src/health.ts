import type { Engine, EngineHealth, ServerState } from '@lockstep/checks';

export interface Health extends EngineHealth {
  servers: ServerState[];
}

/**
 * How Lockstep itself is, for every door that tells it: well when its engine and its storage are, whatever the
 * servers do.
 */
export function health(engine: Engine): Health {
  const own = engine.health();
  return { ...own, ok: own.ok && own.storage.ok, servers: engine.servers() };
}

/** Why Lockstep itself is not well; null while it is. */
export function whyUnwell(engine: Engine): string | null {
  const { ok, evidence, storage } = engine.health();
  if (!ok) return evidence;
  return storage.ok ? null : storage.evidence;
}
