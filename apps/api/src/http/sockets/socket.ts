import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { type Logger, whenListened } from '@lockstep/checks';
import type { WebSocket } from 'ws';
import { takenFrom } from '../guard/taken.ts';

/** Above this much that the client has not taken yet, nothing more is handed to the socket. */
const highWater = 256 * 1024;
/** Above this much, a client that goes on asking without reading the answers is cut off. */
const hopeless = 4 * 1024 * 1024;

const askMs = 10_000;
/** How long nothing may show that the peer reads. */
const patienceMs = 30_000;
/** Pings on their way. */
const mostAsked = 30;

/** Close codes: 1001 by RFC 6455, the others as graphql-transport-ws uses them. */
export const closeCodes = {
  goingAway: 1001,
  badRequest: 4400,
  forbidden: 4403,
  tooLate: 4408,
  tooMany: 4429,
};

/** What a GraphQL socket needs of a WebSocket, or of what stands in for one. */
export interface Wire {
  readonly protocol: string;
  readonly readyState: number;
  readonly OPEN: number;
  /** Bytes that the client has not taken yet. */
  readonly bufferedAmount: number;
  send(message: string | Buffer, options: { binary: boolean }, sent?: () => void): void;
  /** Sends a text that lies in parts. */
  sendParts(parts: readonly Buffer[], sent?: () => void): void;
  close(code: number | undefined, reason: string | undefined): void;
  on(event: 'message', listener: (data: Buffer) => void): unknown;
  once(event: 'close', listener: (code: number, reason: Buffer) => void): unknown;
}

type Sending = Pick<Wire, 'readyState' | 'OPEN' | 'bufferedAmount'>;

/**
 * Sends by `hand`, which calls what it is given when the client took it; the promise comes true when the client may be
 * sent more, also when it never will be.
 */
export function send(socket: Sending, hand: (sent?: () => void) => void): Promise<void> | void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount < highWater) {
    hand();
    return;
  }
  return new Promise((resolve) => hand(resolve));
}

/** So much was sent that the client has not taken that nothing more is handed over. */
export function isBacklogged({ bufferedAmount }: Pick<Sending, 'bufferedAmount'>): boolean {
  return bufferedAmount >= highWater;
}

/** Comes true when the client has taken so much of what it was sent that it may be sent more, or has gone. */
export async function taken(socket: Sending): Promise<void> {
  while (socket.readyState === socket.OPEN && socket.bufferedAmount >= highWater) await setTimeout(50);
}

/**
 * Ends sockets whose peer is gone or does not read, and logs what goes wrong with one. Until the socket closes. A slow
 * peer is not gone: a ping waits behind all that was sent before it, and the system alone keeps megabytes of that. So
 * several are on their way, each of which says by its answer that somebody reads.
 */
export function guard(socket: WebSocket, stream: Duplex, log: Logger): void {
  const asked: Buffer[] = [];
  let takenBefore: number | null = null;
  let callOff: (() => void) | null = null;
  const reads = () => {
    callOff?.();
    callOff = null;
  };
  const asking = setInterval(() => {
    const taken = socket.bufferedAmount > 0 ? takenFrom(stream) : null;
    if (taken !== null && takenBefore !== null && taken !== takenBefore) reads();
    takenBefore = taken;
    callOff ??= whenListened(patienceMs, () => socket.terminate());
    if (asked.length === mostAsked) return;
    const ping = randomBytes(8);
    asked.push(ping);
    socket.ping(ping);
  }, askMs);
  socket.on('pong', (data) => {
    // One that nobody asked for says only that somebody writes.
    const answered = asked.findIndex((ping) => ping.equals(data));
    if (answered < 0) return;
    // A peer need not answer those before it (RFC 6455, 5.5.3).
    asked.splice(0, answered + 1);
    reads();
  });

  const giveUpWhenHopeless = () => {
    if (socket.bufferedAmount > hopeless) socket.terminate();
  };
  socket.on('message', giveUpWhenHopeless);
  socket.on('ping', giveUpWhenHopeless);

  // The library closes the socket with the right code by itself.
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket failed'));
  socket.once('close', () => {
    clearInterval(asking);
    reads();
  });
}
