import { type Engine, EngineRequestError } from '@lockstep/checks';
import { requirePair } from '../../pubsub/streams.ts';
import { readQuery } from './query.ts';

/**
 * `/api/metrics?pair=`: the current state of every pair. Throws EngineRequestError for a filter that makes no sense.
 */
export function metricsAnswer(engine: Engine, query: URLSearchParams) {
  const { pair } = readQuery(query, ['pair']);
  if (pair.length > 1) throw new EngineRequestError('INVALID', 'Give `pair` once.');
  requirePair(engine, pair[0]);
  return {
    at: new Date(),
    pairs: engine.pairs().filter((state) => pair.length === 0 || state.name === pair[0]),
  };
}
