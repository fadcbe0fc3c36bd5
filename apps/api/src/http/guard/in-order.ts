import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { turns } from '../../turns.ts';

/** Requests that may wait on one connection behind the one that is being answered, … */
const mayWait = 100;
/** … and characters of their heads: behind an answer that lasts they wait as long as it does. */
const mostWaits = 64 * 1024;

interface Line {
  /** One is being answered. */
  busy: boolean;
  waiting: (() => void)[];
  /** Characters of what waits. */
  length: number;
}

/**
 * Requests of one connection are worked on one after the other, as their answers are sent: Node hands over a thousand
 * that came in one packet at once. Nobody but an attacker sends more than a few of them ahead. And no request but a
 * probe begins in a turn of the event loop that was worked in for long already.
 */
export class InOrder {
  readonly #lines = new WeakMap<Socket, Line>();

  /** Comes true when it is the request's turn; false when its connection is closed, or was now for asking too much. */
  async turn(request: IncomingMessage, answer: ServerResponse): Promise<boolean> {
    const { socket } = request;
    const line = this.#line(socket);
    if (line.busy) {
      const length = lengthOf(request);
      line.length += length;
      if (line.waiting.length >= mayWait || line.length > mostWaits) socket.destroy();
      else await new Promise<void>((resolve) => line.waiting.push(resolve));
      line.length -= length;
    }
    line.busy = true;
    if (socket.destroyed) return false;
    answer.once('close', () => {
      const next = line.waiting.shift();
      if (next) next();
      else line.busy = false;
    });
    if (turns.exhausted() && !isProbe(request)) await turns.next(whoseIs(request));
    return !socket.destroyed;
  }

  #line(socket: Socket): Line {
    const known = this.#lines.get(socket);
    if (known) return known;
    const line: Line = { busy: false, waiting: [], length: 0 };
    this.#lines.set(socket, line);
    socket.once('close', () => {
      for (const resolve of line.waiting.splice(0)) resolve();
    });
    return line;
  }
}

/** By what tells them apart before it is looked who they are. */
function whoseIs({ headers: { authorization, cookie }, socket }: IncomingMessage): string {
  return authorization ?? cookie ?? socket.remoteAddress ?? '';
}

/** Little is done for it, and who asks ends what has not answered within a second: it waits for nobody's questions. */
function isProbe({ url = '' }: IncomingMessage): boolean {
  return /^\/api\/health(?![^/?])/.test(url);
}

function lengthOf({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, part) => sum + part.length, url.length);
}
