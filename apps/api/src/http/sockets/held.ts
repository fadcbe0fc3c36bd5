import type { DocumentNode } from 'graphql';
import { bytesOf } from '../guard/holdings.ts';
import type { Share } from '../guard/memory.ts';

/** Bytes that all that one socket asked for may hold … */
const most = 4 * 1024 * 1024;
/** … and of that those messages which are not answered, while its client does not take what it was sent. */
const mostUnanswered = most / 8;
/** What a subscription takes beside its document and what was sent for it. */
const perSubscription = 8 * 1024;

/** One message of a socket's, from when it came until all that it asked for is over. */
export interface Held {
  bytes: number;
  /** As it came. */
  length: number;
  /** Of a subscription that is open. */
  document?: DocumentNode;
  share: Share;
}

/**
 * How much memory a socket's messages hold: those that are worked on, those that wait, whatever became of what they are
 * about meanwhile, and the subscriptions that are open. A message of some kilobytes can hold a hundred times as much.
 */
export class HeldBySocket {
  readonly #mostMessages: number;
  readonly #enter: (client: string) => Share;
  readonly #held = new Set<Held>();
  /** By client: whose it is is known once its first message was heard. */
  readonly #shares = new Map<string, Share>();
  #unanswered = 0;
  #isOver = false;

  /** `enter`: gives a share of what there is for all. */
  constructor(mostMessages: number, enter: (client: string) => Share) {
    this.#mostMessages = mostMessages;
    this.#enter = enter;
  }

  /** Null when there is too much already; `backlogged`: the client does not take what it was sent. */
  take(message: Buffer, backlogged: boolean, client: string): Held | null {
    const share = this.#shareOf(client);
    const held: Held = { bytes: bytesOf(message), length: message.length, share };
    const unanswered = this.#unanswered + held.bytes;
    if (this.#held.size >= this.#mostMessages || share.bytes + held.bytes > most) return null;
    if (backlogged && unanswered > mostUnanswered) return null;
    share.add(held.bytes);
    this.#held.add(held);
    this.#unanswered = unanswered;
    if (!share.isTooMuch) return held;
    this.leave(held);
    return null;
  }

  /** A subscription is open: of its message as much stays as it was long, and this. False when that is too much. */
  opened(held: Held, document: DocumentNode): boolean {
    if (!this.#held.has(held)) return true;
    const { share } = held;
    const before = held.bytes;
    this.#unanswered -= before;
    held.bytes = held.length + perSubscription;
    held.document = document;
    share.add(held.bytes - before);
    share.use(document);
    return share.bytes <= most && !share.isTooMuch;
  }

  leave(held: Held): void {
    if (!this.#held.delete(held)) return;
    const { share, document, bytes } = held;
    if (document) share.letGo(document);
    else this.#unanswered -= bytes;
    share.add(-bytes);
    this.#endIfEmpty();
  }

  /** The socket is closed: what is still worked on is held until that is over. */
  end(): void {
    this.#isOver = true;
    this.#endIfEmpty();
  }

  #endIfEmpty(): void {
    if (!this.#isOver || this.#held.size > 0) return;
    for (const share of this.#shares.values()) share.leave();
    this.#shares.clear();
  }

  #shareOf(client: string): Share {
    const known = this.#shares.get(client);
    if (known) return known;
    const share = this.#enter(client);
    this.#shares.set(client, share);
    return share;
  }
}
