import { type Delivery, type MetricsStorage, StorageError } from '@lockstep/checks';

/**
 * What a message was begun with, where that is known to have come to its end: then these parts of it have, too, though
 * a kill came before it was noted of each. Null where they are still to be sent.
 */
export function endedWith(storage: MetricsStorage, parts: readonly Delivery[]): Delivery | null {
  const part = parts.find(({ first }) => first !== undefined);
  if (part?.first === undefined) return null;
  const first = read(storage, part.first, part.destination);
  // What was held back was told by another message, if at all.
  if (first?.message !== part.message || first?.state === 'held-back') return null;
  return first?.endedAt ? first : null;
}

/** What cannot be read says nothing: rather once more than never. */
function read(storage: MetricsStorage, key: string, destination: string): Delivery | null {
  try {
    return storage.delivery(key, destination);
  } catch (error) {
    if (error instanceof StorageError) return null;
    throw error;
  }
}
