import type { Logger } from '@lockstep/checks';
import type { WebSocket } from 'ws';

/** Above this much that the client has not taken yet, nothing more is handed to the socket. */
const highWater = 256 * 1024;
/** Above this much, a client that goes on asking without reading the answers is cut off. */
const hopeless = 4 * 1024 * 1024;

const keepAliveMs = 15_000;

/** Close codes: 1001 by RFC 6455, 4403 and 4429 as graphql-transport-ws uses them. */
export const closeCodes = { goingAway: 1001, forbidden: 4403, tooMany: 4429 };

/** Sends; the promise comes true when the client may be sent more, also when it never will be. */
export function send(socket: WebSocket, message: string | Buffer): Promise<void> | void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount < highWater) {
    socket.send(message, { binary: false });
    return;
  }
  return new Promise((resolve) => socket.send(message, { binary: false }, () => resolve()));
}

/** Ends sockets whose peer is gone or does not read, and logs what goes wrong with one. Until the socket closes. */
export function guard(socket: WebSocket, log: Logger): void {
  let answered = true;
  const timer = setInterval(() => {
    if (!answered) socket.terminate();
    answered = false;
    socket.ping();
  }, keepAliveMs);
  socket.on('pong', () => (answered = true));

  const giveUpWhenHopeless = () => {
    if (socket.bufferedAmount > hopeless) socket.terminate();
  };
  socket.on('message', giveUpWhenHopeless);
  socket.on('ping', giveUpWhenHopeless);

  // The library closes the socket with the right code by itself.
  socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket failed'));
  socket.once('close', () => clearInterval(timer));
}
