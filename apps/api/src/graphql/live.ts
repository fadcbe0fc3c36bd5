import { EngineRequestError } from '@lockstep/checks';
import type { ApiContext } from './context.ts';
import type { EventOf, EventType } from '../pubsub/pubsub.ts';
import { Subscription } from '../pubsub/subscription.ts';

interface LiveOptions<Type extends EventType> {
  /** Only this pair's events; null for all. */
  pair?: string | null | undefined;
  current?: () => Iterable<EventOf<Type>['data']>;
  keyOf: (data: EventOf<Type>['data']) => string;
}

/**
 * The stream behind a subscription field: the engine's events of one type, current values first.
 * Throws EngineRequestError for a pair that does not exist, because that stream would stay silent for ever.
 */
export function live<Type extends EventType>(
  { engine, pubsub }: ApiContext,
  type: Type,
  { pair, ...options }: LiveOptions<Type>,
): Subscription<EventOf<Type>['data']> {
  if (pair != null && !engine.pair(pair)) {
    throw new EngineRequestError('NOT_FOUND', `There is no pair named "${pair}".`);
  }
  return new Subscription({
    ...options,
    listen: (push) =>
      pubsub.subscribe(type, (event) => {
        if (pair == null || event.pair === pair) push(event.data as EventOf<Type>['data']);
      }),
  });
}
