import type { DocumentNode } from 'graphql';
import { Holdings } from './holdings.ts';

/** Bytes that connections may hold, one with another: of one client, … */
const eachOfClient = 256 * 1024;
/** … and of all, of whom few have as much. */
const eachOfAll = 128 * 1024;
/** However few connections there may be. */
const least = 8 * 1024 * 1024;
/** Who holds no more than this is never in the way of others. */
const fair = 1024 * 1024;

/** Whose connections: what they hold, and each of them. */
interface Client {
  holdings: Holdings;
  shares: Set<Share>;
}

/**
 * What is held in memory for all that clients ask for and is not over: messages that wait, documents, subscriptions. A
 * connection holds little; but one who signs in again and again has hundreds of them. Where it comes to too much the
 * client that holds the most loses the connection that holds the most: nobody's many are in the way of another's few.
 */
export class Memory {
  readonly #mostOfClient: number;
  readonly #mostOfAll: number;
  readonly #all = new Holdings();
  readonly #clients = new Map<string, Client>();

  /** `inAll`, `perClient`: connections that there may be. */
  constructor({ inAll, perClient }: { inAll: number; perClient: number }) {
    this.#mostOfClient = Math.max(least, perClient * eachOfClient);
    this.#mostOfAll = Math.max(4 * least, inAll * eachOfAll);
  }

  /** Bytes. */
  get held(): number {
    return this.#all.bytes;
  }

  /** For what one connection asks for; `cut` ends it. `leave` has to be called. */
  enter(name: string, cut: () => void): Share {
    const client = this.#clients.get(name) ?? { holdings: new Holdings(), shares: new Set<Share>() };
    this.#clients.set(name, client);
    const share: Share = new Share({
      levels: [client.holdings, this.#all],
      cut,
      onMore: () => this.#makeRoom(),
      isTooMuch: () => client.holdings.bytes > this.#mostOfClient,
      onLeave: () => {
        client.shares.delete(share);
        if (client.shares.size === 0 && this.#clients.get(name) === client) this.#clients.delete(name);
      },
    });
    client.shares.add(share);
    return share;
  }

  #makeRoom(): void {
    if (this.#all.bytes <= this.#mostOfAll) return;
    // What was cut is being let go.
    const staying = [...this.#clients.values()].map(({ shares }) =>
      [...shares].filter(({ isCut }) => !isCut),
    );
    const most = largest(staying, (shares) => shares.reduce((sum, { bytes }) => sum + bytes, 0)) ?? [];
    const share = largest(most, ({ bytes }) => bytes);
    if (share && share.bytes > fair) share.cut();
  }
}

interface ShareOptions {
  levels: readonly Holdings[];
  cut: () => void;
  onMore: () => void;
  isTooMuch: () => boolean;
  onLeave: () => void;
}

/** What one connection holds. */
export class Share {
  readonly #options: ShareOptions;
  readonly #own = new Holdings();
  readonly #levels: readonly Holdings[];
  readonly #documents: DocumentNode[] = [];
  #bytes = 0;
  #isCut = false;

  constructor(options: ShareOptions) {
    this.#options = options;
    this.#levels = [this.#own, ...options.levels];
  }

  get bytes(): number {
    return this.#own.bytes;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** All that its client has holds too much: what came last is not to be done. */
  get isTooMuch(): boolean {
    return this.#options.isTooMuch();
  }

  /** Fewer where it is below zero. */
  add(bytes: number): void {
    this.#bytes += bytes;
    for (const level of this.#levels) level.add(bytes);
    if (bytes > 0) this.#options.onMore();
  }

  use(document: DocumentNode): void {
    this.#documents.push(document);
    for (const level of this.#levels) level.use(document);
    this.#options.onMore();
  }

  letGo(document: DocumentNode): void {
    this.#documents.splice(this.#documents.indexOf(document), 1);
    for (const level of this.#levels) level.letGo(document);
  }

  cut(): void {
    this.#isCut = true;
    this.#options.cut();
  }

  /** All that it holds is over. */
  leave(): void {
    for (const document of [...this.#documents]) this.letGo(document);
    this.add(-this.#bytes);
    this.#options.onLeave();
  }
}

function largest<Item>(items: readonly Item[], sizeOf: (item: Item) => number): Item | undefined {
  let most: { item: Item; size: number } | undefined;
  for (const item of items) {
    const size = sizeOf(item);
    if (!most || size > most.size) most = { item, size };
  }
  return most?.item;
}
