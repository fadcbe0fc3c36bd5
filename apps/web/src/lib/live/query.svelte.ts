import type { AnyVariables, Client, OperationResult, TypedDocumentNode } from '@urql/core';
import { ask } from '#lib/api/ask.ts';
import { problemText } from '#lib/api/problem.ts';
import type { Link } from './link.svelte.ts';
import { NewestAnswer } from './newest-answer.ts';

/** Asks for what takes more than one request; `begin` is given what can be shown before the last of them. */
type Question<Data, Variables extends AnyVariables> = (
  api: Client,
  variables: Variables,
  wanted: AbortSignal,
  begin: (answer: OperationResult<Data, Variables>) => void,
) => Promise<OperationResult<Data, Variables>>;

/**
 * The answer to a query, asked again whenever its variables change and whenever the link came back. The last good
 * answer stays while the next is on its way or failed. Make it while a component initialises; it ends with it.
 */
export class LiveQuery<Data, Variables extends AnyVariables> {
  current = $state.raw<Data | undefined>();
  /** False while `current` is only the beginning of an answer. */
  whole = $state(false);
  /** Why the newest attempt failed; undefined when it did not. */
  problem = $state.raw<string | undefined>();
  readonly #answers = new NewestAnswer<(data: Data) => Data>((change) => {
    if (this.current !== undefined) this.current = change(this.current);
  });
  readonly #question: (
    variables: Variables,
    wanted: AbortSignal,
    begin: (answer: OperationResult<Data, Variables>) => void,
  ) => Promise<OperationResult<Data, Variables>>;
  readonly #variables: () => Variables;

  constructor(
    api: Client,
    link: Pick<Link, 'epoch'>,
    document: TypedDocumentNode<Data, Variables> | Question<Data, Variables>,
    variables: () => Variables,
  ) {
    this.#question = (now, wanted, begin) =>
      typeof document === 'function' ? document(api, now, wanted, begin) : ask(api, document, now, wanted);
    this.#variables = variables;
    $effect(() => {
      void link.epoch;
      const now = variables();
      void this.#answers.ask((wanted, begin) => this.#question(now, wanted, begin), this.#take);
      return () => this.#answers.cancel();
    });
  }

  /** Asks again with the same variables, after the answer that may be on its way. */
  async refresh(): Promise<void> {
    const now = this.#variables();
    await this.#answers.askNext((wanted, begin) => this.#question(now, wanted, begin), this.#take);
  }

  /** Puts news into the answer at hand, and into the one on its way. `change` may be applied twice. */
  patch(change: (data: Data) => Data): void {
    this.#answers.hear(change);
  }

  readonly #take = ({ data, error }: OperationResult<Data, Variables>, whole: boolean): boolean => {
    this.problem = error && problemText(error);
    if (data === undefined || data === null) return false;
    // A whole answer, if an older one, says more than the beginning of the next.
    if (this.whole && !whole) return false;
    this.current = data;
    this.whole = whole;
    return true;
  };
}
