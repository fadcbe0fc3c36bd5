import { networkOf } from './client.ts';

/** Anything that can be shown the door. */
interface Guest {
  destroy: () => void;
}

/**
 * Those who have come in and have not been admitted to anything: silent connections, slow ones, those kept open between
 * two requests, sockets whose client has not said yet who it is. Nobody is turned away at the door; where room is short
 * the one who has been here longest goes, of the address that has the most: who has business is quicker than that.
 */
export class Lobby {
  readonly #room: number;
  readonly #perAddress: number;
  readonly #guests = new Map<string, Set<Guest>>();
  #count = 0;

  constructor({ room, perAddress }: { room: number; perAddress: number }) {
    this.#room = room;
    this.#perAddress = perAddress;
  }

  /** Returns how to leave, which may be called again. */
  enter(address: string, guest: Guest): () => void {
    const network = networkOf(address);
    const here = this.#guests.get(network) ?? new Set();
    this.#guests.set(network, here.add(guest));
    this.#count++;
    if (here.size > this.#perAddress) this.#showOut(network, here);
    else if (this.#count > this.#room) this.#showOut(...this.#most());
    return () => this.#leave(network, here, guest);
  }

  #leave(network: string, here: Set<Guest>, guest: Guest): void {
    if (!here.delete(guest)) return;
    this.#count--;
    if (here.size === 0 && this.#guests.get(network) === here) this.#guests.delete(network);
  }

  #most(): [string, Set<Guest>] {
    return [...this.#guests].reduce((most, each) => (each[1].size > most[1].size ? each : most));
  }

  #showOut(network: string, here: Set<Guest>): void {
    for (const oldest of here) {
      this.#leave(network, here, oldest);
      oldest.destroy();
      return;
    }
  }
}
