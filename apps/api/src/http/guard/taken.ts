import type { Writable } from 'node:stream';

/**
 * A number that changes when the other side of a socket takes of what is on its way to it, and not when more is
 * written: the bytes that were handed to the system, without those that it has not taken. A long answer is one write,
 * all of which is in `writableLength` until its last byte is taken; of that the queue of the handle tells how far it
 * is, by which Node's own timeouts of sockets go, and for which it has no other name.
 */
export function takenFrom(socket: Writable | null): number {
  const { bytesWritten = 0, writableLength = 0, _handle: handle } = (socket ?? {}) as Partial<Parts>;
  return bytesWritten - writableLength - (handle?.writeQueueSize ?? 0);
}

interface Parts {
  bytesWritten: number;
  writableLength: number;
  _handle: { writeQueueSize?: number } | null;
}
