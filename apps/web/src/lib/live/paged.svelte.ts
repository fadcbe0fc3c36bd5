/** One page of a list that the service cuts by cursors. */
export interface Page<T> {
  nodes: readonly T[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
}

/** A list that grows page by page, newest first. */
export class Paged<T extends { id: string }> {
  nodes = $state.raw<readonly T[]>([]);
  totalCount = $state(0);
  hasMore = $state(false);
  loaded = $state(false);
  fetching = $state(false);
  problem = $state.raw<string | undefined>();
  #after: string | null = null;
  /** Taken while a page is on its way, which may be older than they are. */
  #meanwhile: T[] = [];
  #newest = 0;
  readonly #fetch: (after: string | null) => Promise<Page<T> | string>;

  /** `fetch` resolves to a page, or to the sentence that says why there is none. */
  constructor(fetch: (after: string | null) => Promise<Page<T> | string>) {
    this.#fetch = fetch;
  }

  /** Starts again from the first page. */
  async reload(): Promise<void> {
    await this.#ask(null);
  }

  async more(): Promise<void> {
    await this.#ask(this.#after);
  }

  /** Puts a changed or new item into its place. */
  take(item: T): void {
    if (this.fetching) this.#meanwhile.push(item);
    this.#put(item);
  }

  #put(item: T): void {
    const known = this.nodes.some((each) => each.id === item.id);
    this.nodes = known
      ? this.nodes.map((each) => (each.id === item.id ? item : each))
      : [item, ...this.nodes];
    if (!known) this.totalCount += 1;
  }

  async #ask(after: string | null): Promise<void> {
    const mine = ++this.#newest;
    this.fetching = true;
    this.#meanwhile = [];
    const page = await this.#fetch(after);
    if (mine !== this.#newest) return;
    this.fetching = false;
    if (typeof page === 'string') {
      this.problem = page;
      return;
    }
    this.problem = undefined;
    this.nodes = after === null ? page.nodes : [...this.nodes, ...page.nodes];
    this.totalCount = page.totalCount;
    this.hasMore = page.pageInfo.hasNextPage;
    this.#after = page.pageInfo.endCursor;
    this.loaded = true;
    for (const item of this.#meanwhile) this.#put(item);
  }
}
