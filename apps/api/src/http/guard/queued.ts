/**
 * Bytes of what is being written that the system has not taken yet. A long answer is one write, which is all unread by
 * `writableLength` until the last byte of it is taken, and this alone tells that it goes on. Node has no other name for
 * it; its own timeouts of sockets go by it.
 */
export function queued(stream: object | null): number {
  const { _handle: handle } = (stream ?? {}) as { _handle?: { writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
