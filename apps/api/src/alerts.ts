import type { Alert, AlertFilter, Engine, Page, PageRequest } from '@lockstep/checks';
import { requirePair } from './pubsub/streams.ts';

/**
 * Alerts, newest first. Throws EngineRequestError for a pair that does not exist: "none" would read like "all is
 * well".
 */
export function findAlerts(engine: Engine, filter: AlertFilter, page: PageRequest): Page<Alert> {
  requirePair(engine, filter.pair);
  return engine.alerts(filter, page);
}
