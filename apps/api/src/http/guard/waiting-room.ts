import type { Socket } from 'node:net';
import { Lobby } from './lobby.ts';

/** TCP connections that are not being served: silent, slow, refused, or kept open between two requests. */
export class WaitingRoom {
  readonly #lobby: Lobby;
  readonly #leave = new WeakMap<Socket, () => void>();

  constructor(room: number) {
    this.#lobby = new Lobby({ room, perAddress: room });
  }

  enter(socket: Socket): void {
    this.#leave.set(socket, this.#lobby.enter(socket.remoteAddress ?? '', socket));
    socket.once('close', () => this.#leave.get(socket)?.());
  }

  /** It is being served; returns how it goes back to those that wait. */
  admitted(socket: Socket): () => void {
    this.#leave.get(socket)?.();
    return () => {
      // Several requests may be under way on one connection.
      this.#leave.get(socket)?.();
      if (!socket.destroyed) {
        this.#leave.set(socket, this.#lobby.enter(socket.remoteAddress ?? '', socket));
      }
    };
  }
}
