import type { EngineEvent, Logger, Mishaps, Publish } from '@lockstep/checks';

export type EventType = EngineEvent['type'];
export type EventOf<Type extends EventType> = Extract<EngineEvent, { type: Type }>;

/**
 * How events get from the engine to everyone who listens: the seam that another transport (Redis, say) would
 * implement. Delivery is at most once, in order per publisher; listeners are called synchronously and must not wait.
 */
export interface PubSub {
  publish: Publish;
  /** Calls `listener` with every event of that type until the returned function is called. */
  subscribe<Type extends EventType>(type: Type, listener: (event: EventOf<Type>) => void): () => void;
}

type Listener = (event: EngineEvent) => void;

/**
 * The transport within one process. A listener that throws is logged, and told to `mishaps`, and stops neither the
 * others nor the engine.
 */
export function localPubSub(log: Logger, mishaps?: Mishaps): PubSub {
  const channels = new Map<EventType, Set<Listener>>();
  return {
    publish(event) {
      for (const listener of channels.get(event.type) ?? []) {
        try {
          listener(event);
        } catch (error) {
          log.error({ err: error, event: event.type }, 'an event listener failed');
          mishaps?.happened(`listening to ${event.type} events`, error);
        }
      }
    },
    subscribe(type, listener) {
      const listeners = channels.get(type) ?? new Set();
      channels.set(type, listeners);
      // A wrapper of its own, so that subscribing the same function twice makes two subscriptions.
      const entry: Listener = (event) => listener(event as Parameters<typeof listener>[0]);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
}
