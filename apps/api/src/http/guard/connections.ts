import type { Caller } from '../auth/authenticator.ts';

/** Something that stays open: a socket or an answer under way. */
export interface Connection {
  caller: Caller | null;
  /** Asks the other side to go, in the words of the protocol. */
  close: (reason: CloseReason) => void;
  /** Ends it at once. */
  cut: () => void;
  /** Bytes that were handed over and that the client has not taken. */
  unread: () => number;
  /** See `takenFrom()`; absent: `unread` alone tells whether it takes anything. */
  taken?: () => number;
}

/** `signed-out`: the session it came by has ended; `stopping`: the service goes away. */
export type CloseReason = 'signed-out' | 'stopping';

export interface Room {
  inAll: number;
  perClient: number;
}

/** Bytes that wait for one client, over all that it has open, … */
const mostUnread = 16 * 1024 * 1024;
/** … and for all, for one who signs in again and again is many. */
const mostUnreadInAll = 128 * 1024 * 1024;
/**
 * Sweeps in which nothing of what waits was taken, until it is cut. The system takes more only once a third of the
 * megabytes that it keeps itself has gone: of a slow reader nothing is seen for half a minute.
 */
const patience = 8;

/**
 * What is open of everybody who may be here, by client and in all; closes what may not stay, and cuts what nobody
 * reads. All that one token has is at most half of the whole, so that no token is in the way of another.
 */
export class Connections {
  readonly #room: Room;
  readonly #open = new Map<string, Set<Connection>>();
  readonly #ofToken = new Map<string, number>();
  readonly #stuck = new Map<Connection, { taken: number; sweeps: number }>();
  #count = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  get size(): number {
    return this.#count;
  }

  /** What to say to who is not admitted. */
  get tooMany(): string {
    const { perClient, inAll } = this.#room;
    return `Too many connections are open: at most ${perClient} of one client, and ${inAll} in all. Close some, then try again.`;
  }

  /** Takes a connection in, and returns how to let it go; null when there are too many. */
  admit(client: string, connection: Connection): (() => void) | null {
    const mine = this.#open.get(client) ?? new Set();
    const token = connection.caller?.by ? connection.caller.viewer.name : null;
    const ofToken = token === null ? 0 : (this.#ofToken.get(token) ?? 0);
    const { inAll, perClient } = this.#room;
    if (this.#count >= inAll || mine.size >= perClient || ofToken >= Math.ceil(inAll / 2)) return null;
    this.#open.set(client, mine.add(connection));
    this.#count++;
    if (token !== null) this.#ofToken.set(token, ofToken + 1);
    return () => {
      if (!mine.delete(connection)) return;
      this.#count--;
      this.#stuck.delete(connection);
      if (mine.size === 0 && this.#open.get(client) === mine) this.#open.delete(client);
      const left = token === null ? 0 : (this.#ofToken.get(token) ?? 1) - 1;
      if (token !== null && left > 0) this.#ofToken.set(token, left);
      else if (token !== null) this.#ofToken.delete(token);
    };
  }

  /** Closes what outlived the session that it came by, and cuts what is not read. */
  sweep(): void {
    for (const connection of this.#all()) {
      if (connection.caller?.stillValid() === false) connection.close('signed-out');
      else this.#cutIfStuck(connection);
    }
    cutLargest(this.#all(), mostUnreadInAll);
  }

  /** Call after handing over much: a client that leaves too much of it unread loses what it has the most of it on. */
  fed(client: string): void {
    cutLargest([...(this.#open.get(client) ?? [])], mostUnread);
  }

  closeAll(): void {
    for (const connection of this.#all()) connection.close('stopping');
  }

  cutAll(): void {
    for (const connection of this.#all()) connection.cut();
  }

  #cutIfStuck(connection: Connection): void {
    const unread = connection.unread();
    // How much there is says nothing: to who takes it slowly more may be written than they take.
    const taken = connection.taken?.() ?? -unread;
    const before = this.#stuck.get(connection);
    if (unread === 0 || before?.taken !== taken) {
      this.#stuck.set(connection, { taken, sweeps: 0 });
    } else if (before.sweeps + 1 >= patience) {
      connection.cut();
    } else {
      this.#stuck.set(connection, { taken, sweeps: before.sweeps + 1 });
    }
  }

  #all(): Connection[] {
    return [...this.#open.values()].flatMap((connections) => [...connections]);
  }
}

/** Of which most is unread goes first, until there is no more than `most` of it. */
function cutLargest(connections: readonly Connection[], most: number): void {
  const waiting = connections.map((connection) => ({ connection, unread: connection.unread() }));
  let sum = waiting.reduce((all, { unread }) => all + unread, 0);
  if (sum <= most) return;
  for (const { connection, unread } of waiting.sort((a, b) => b.unread - a.unread)) {
    if (sum <= most) return;
    connection.cut();
    sum -= unread;
  }
}
