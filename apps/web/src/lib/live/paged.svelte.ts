import { NewestAnswer } from './newest-answer.ts';

/** One page of a list that the service cuts by cursors. */
export interface Page<T> {
  nodes: readonly T[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
}

/** Resolves to a page, or to the sentence that says why there is none. */
type FetchPage<T> = (after: string | null, wanted: AbortSignal) => Promise<Page<T> | string>;

/** A list that grows page by page, newest first. Make it while a component initialises; it ends with it. */
export class Paged<T extends { id: string }> {
  nodes = $state.raw<readonly T[]>([]);
  totalCount = $state(0);
  hasMore = $state(false);
  loaded = $state(false);
  fetching = $state(false);
  problem = $state.raw<string | undefined>();
  #after: string | null = null;
  readonly #answers = new NewestAnswer<T>((item) => this.#put(item));
  readonly #fetch: FetchPage<T>;

  constructor(fetch: FetchPage<T>) {
    this.#fetch = fetch;
    $effect(() => () => this.#answers.cancel());
  }

  /** Starts again from the first page. */
  async reload(): Promise<void> {
    await this.#answers.ask((wanted) => this.#page(null, wanted), this.#takeFirst);
  }

  /** As `reload`, after the page that may be on its way. */
  async refresh(): Promise<void> {
    await this.#answers.askNext((wanted) => this.#page(null, wanted), this.#takeFirst);
  }

  async more(): Promise<void> {
    // What is on its way may be the beginning of another list.
    if (this.fetching) return;
    await this.#answers.ask(
      (wanted) => this.#page(this.#after, wanted),
      (page) => this.#take(page, this.nodes),
    );
  }

  /** Puts a changed or new item into its place. */
  take(item: T): void {
    this.#answers.hear(item);
  }

  #put(item: T): void {
    const known = this.nodes.some((each) => each.id === item.id);
    this.nodes = known
      ? this.nodes.map((each) => (each.id === item.id ? item : each))
      : [item, ...this.nodes];
    if (!known) this.totalCount += 1;
  }

  async #page(after: string | null, wanted: AbortSignal): Promise<Page<T> | string> {
    this.fetching = true;
    return this.#fetch(after, wanted);
  }

  readonly #takeFirst = (page: Page<T> | string) => this.#take(page, []);

  #take(page: Page<T> | string, before: readonly T[]): boolean {
    this.fetching = false;
    if (typeof page === 'string') {
      this.problem = page;
      return false;
    }
    this.problem = undefined;
    this.nodes = [...before, ...page.nodes];
    this.totalCount = page.totalCount;
    this.hasMore = page.pageInfo.hasNextPage;
    this.#after = page.pageInfo.endCursor;
    this.loaded = true;
    return true;
  }
}
