import type { AnyVariables, Client, TypedDocumentNode } from '@urql/core';
import { problemText } from '#lib/api/problem.ts';
import type { Link } from './link.svelte.ts';

/**
 * The answer to a query, asked again whenever its variables change and whenever the link came back. The last good
 * answer stays while the next is on its way or failed. Make it while a component initialises; it ends with it.
 */
export class LiveQuery<Data, Variables extends AnyVariables> {
  current = $state.raw<Data | undefined>();
  /** Why the newest attempt failed; undefined when it did not. */
  problem = $state.raw<string | undefined>();
  fetching = $state(true);
  #newest = 0;
  /** News that came while an answer is on its way, which may be older than they are. */
  #meanwhile: ((data: Data) => Data)[] = [];
  readonly #api: Client;
  readonly #document: TypedDocumentNode<Data, Variables>;
  readonly #variables: () => Variables | null;

  /** `variables` returning null means: not now. */
  constructor(
    api: Client,
    link: Link,
    document: TypedDocumentNode<Data, Variables>,
    variables: () => Variables | null,
  ) {
    this.#api = api;
    this.#document = document;
    this.#variables = variables;
    $effect(() => {
      void link.epoch;
      const now = variables();
      if (now !== null) void this.#ask(now);
    });
  }

  /** Asks again with the same variables. */
  async refresh(): Promise<void> {
    const variables = this.#variables();
    if (variables !== null) await this.#ask(variables);
  }

  /** Puts news into the answer at hand, and into the one on its way. `change` may be applied twice. */
  patch(change: (data: Data) => Data): void {
    if (this.fetching) this.#meanwhile.push(change);
    if (this.current !== undefined) this.current = change(this.current);
  }

  async #ask(variables: Variables): Promise<void> {
    const mine = ++this.#newest;
    this.fetching = true;
    this.#meanwhile = [];
    const result = await this.#api.query(this.#document, variables).toPromise();
    if (mine !== this.#newest) return;
    this.fetching = false;
    this.problem = result.error ? problemText(result.error) : undefined;
    if (result.data === undefined || result.data === null) return;
    let data: Data = result.data;
    for (const change of this.#meanwhile) data = change(data);
    this.current = data;
  }
}
