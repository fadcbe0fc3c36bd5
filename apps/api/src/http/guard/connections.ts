import type { Caller } from '../auth/authenticator.ts';

/** Something that stays open: a socket or a streaming answer. */
export interface Connection {
  caller: Caller | null;
  /** Asks the other side to go, in the words of the protocol. */
  close: (reason: CloseReason) => void;
  /** Ends it at once. */
  cut: () => void;
}

/** `signed-out`: the session it came by has ended; `stopping`: the service goes away. */
export type CloseReason = 'signed-out' | 'stopping';

const perAddress = 64;
const inAll = 1_000;

export const tooMany = `Too many connections are open: at most ${perAddress} from one address, and ${inAll} in all. Close some, then try again.`;

/** Counts what is open per address and in all, and closes what may not stay open. */
export class Connections {
  readonly #open = new Map<string, Set<Connection>>();
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** Takes a connection in, and returns how to let it go; null when there are too many. */
  admit(address: string, connection: Connection): (() => void) | null {
    const mine = this.#open.get(address) ?? new Set();
    if (this.#count >= inAll || mine.size >= perAddress) return null;
    this.#open.set(address, mine.add(connection));
    this.#count++;
    return () => {
      if (!mine.delete(connection)) return;
      this.#count--;
      if (mine.size === 0 && this.#open.get(address) === mine) this.#open.delete(address);
    };
  }

  /** Closes what outlived the session that it came by. */
  sweep(): void {
    for (const connection of this.#all()) {
      if (connection.caller?.stillValid() === false) connection.close('signed-out');
    }
  }

  closeAll(): void {
    for (const connection of this.#all()) connection.close('stopping');
  }

  cutAll(): void {
    for (const connection of this.#all()) connection.cut();
  }

  #all(): Connection[] {
    return [...this.#open.values()].flatMap((connections) => [...connections]);
  }
}
