import type { DocumentNode } from 'graphql';

/** Bytes that all that one socket asked for may hold … */
const most = 4 * 1024 * 1024;
/** … and of that those messages which are not answered, while its client does not take what it was sent. */
const mostUnanswered = most / 8;
/** What a value of JSON takes at least, as one after a bracket or a comma may begin. */
const perValue = 32;
/** What a word or sign of a document takes, once it is parsed. */
const perToken = 400;

const [comma, bracket, brace] = [...',[{'].map((sign) => sign.charCodeAt(0));

/** One message of a socket's, from when it came until all that it asked for is over. */
export interface Held {
  bytes: number;
  /** As it came. */
  length: number;
  /** Of a subscription that is open. */
  document?: DocumentNode;
}

/**
 * How much memory a socket's messages hold: those that are worked on, those that wait, whatever became of what they are
 * about meanwhile, and the subscriptions that are open. A message of some kilobytes can hold a hundred times as much.
 */
export class HeldBySocket {
  readonly #mostMessages: number;
  readonly #held = new Set<Held>();
  /** How many have asked by it: it is there once. */
  readonly #documents = new Map<DocumentNode, number>();
  #open = 0;
  #unanswered = 0;

  constructor(mostMessages: number) {
    this.#mostMessages = mostMessages;
  }

  /** Null when there is too much already; `backlogged`: the client does not take what it was sent. */
  take(message: Buffer, backlogged: boolean): Held | null {
    const held: Held = { bytes: bytesOf(message), length: message.length };
    const unanswered = this.#unanswered + held.bytes;
    if (this.#held.size >= this.#mostMessages || this.#open + unanswered > most) return null;
    if (backlogged && unanswered > mostUnanswered) return null;
    this.#held.add(held);
    this.#unanswered = unanswered;
    return held;
  }

  /** A subscription is open: of its message as much stays as it was long, and this. False when that is too much. */
  opened(held: Held, document: DocumentNode): boolean {
    if (!this.#held.has(held)) return true;
    this.#unanswered -= held.bytes;
    this.#open += held.length;
    held.document = document;
    const users = this.#documents.get(document) ?? 0;
    this.#documents.set(document, users + 1);
    if (users === 0) this.#open += bytesOfDocument(document);
    return this.#open + this.#unanswered <= most;
  }

  leave(held: Held): void {
    if (!this.#held.delete(held)) return;
    const { document } = held;
    if (!document) {
      this.#unanswered -= held.bytes;
      return;
    }
    this.#open -= held.length;
    const users = (this.#documents.get(document) ?? 1) - 1;
    if (users > 0) this.#documents.set(document, users);
    else {
      this.#documents.delete(document);
      this.#open -= bytesOfDocument(document);
    }
  }
}

function bytesOfDocument(document: DocumentNode): number {
  return (document.tokenCount ?? 0) * perToken + (document.loc?.source.body.length ?? 0);
}

/** Once it is parsed. */
function bytesOf(message: Buffer): number {
  let values = 0;
  for (const byte of message) if (byte === comma || byte === bracket || byte === brace) values++;
  return message.length + values * perValue;
}
