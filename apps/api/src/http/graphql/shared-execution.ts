import {
  createSourceEventStream,
  type DocumentNode,
  executeSubscriptionEvent,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { Subscription, type Take } from '../../pubsub/subscription.ts';

type Result = ExecutionResult | Promise<ExecutionResult>;

/** A subscription's results as `Subscription.flow` gives them, past what the libraries wrap around each of them. */
export type Flow = (take: Take<ExecutionResult>) => Promise<void>;

/** What is not for those who ask is taken from an error; the same error again is left as it is. */
export type Mask = (error: unknown) => Error;

const flows = new WeakMap<object, Flow>();

/**
 * Of the subscription that was begun by this request, or where there was none, with this context; to be used in place
 * of its iterator, which ends it still.
 */
export function flowOf(asked: object): Flow | undefined {
  return flows.get(asked);
}

/**
 * Subscriptions in which an event is executed once for all who ask the same of it: the same document, variables and
 * role. What was executed is shared within one turn of the event loop only, in which nothing else can have changed, so
 * that nobody is told what was true for somebody before.
 */
export class SharedExecution {
  readonly #documents = new WeakMap<DocumentNode, number>();
  readonly #mask: Mask;
  #count = 0;
  /** By event, and then by what is asked of it. */
  #thisTurn: Map<unknown, Map<string, Result>> | null = null;

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** Null for what is asked wrongly. */
  subscribe(args: ExecutionArgs, role: string | undefined): unknown {
    const valid = validateSubscriptionArgs(args);
    if (!('schema' in valid)) return null;
    const asked = JSON.stringify([
      this.#numberOf(args.document),
      role,
      args.operationName,
      args.variableValues,
    ]);
    const execute = (event: unknown): Result => this.#shared(valid, event, asked);
    const respond = (source: AsyncIterable<unknown> | ExecutionResult) => {
      if (!(Symbol.asyncIterator in source)) return source;
      const context = args.contextValue as { request?: object };
      if (source instanceof Subscription) flows.set(context.request ?? context, this.#flow(source, execute));
      return responses(source, execute);
    };
    const source = createSourceEventStream(valid);
    return source instanceof Promise ? source.then(respond) : respond(source);
  }

  #shared(args: ValidatedSubscriptionArgs, event: unknown, asked: string): Result {
    if (!this.#thisTurn) {
      this.#thisTurn = new Map();
      setImmediate(() => (this.#thisTurn = null));
    }
    const results = this.#thisTurn.get(event) ?? new Map<string, Result>();
    this.#thisTurn.set(event, results);
    const result = results.get(asked) ?? this.#execute(args, event);
    results.set(asked, result);
    return result;
  }

  #execute(args: ValidatedSubscriptionArgs, event: unknown): Result {
    const masked = (result: ExecutionResult) =>
      result.errors
        ? { ...result, errors: result.errors.map((error) => this.#mask(error) as GraphQLError) }
        : result;
    const result = executeSubscriptionEvent({ ...args, rootValue: event });
    return result instanceof Promise ? result.then(masked) : masked(result);
  }

  #flow(source: Subscription<unknown>, execute: (event: unknown) => Result): Flow {
    return async (take) => {
      try {
        await source.flow((event) => {
          const result = execute(event);
          return result instanceof Promise ? result.then(take) : take(result);
        });
      } catch (error) {
        throw this.#mask(error);
      }
    };
  }

  /** The same text is the same document, as long as it is kept parsed. */
  #numberOf(document: DocumentNode): number {
    const number = this.#documents.get(document) ?? this.#count++;
    this.#documents.set(document, number);
    return number;
  }
}

/** As the library maps events to results, without a generator for each of thousands. */
function responses(
  events: AsyncIterable<unknown>,
  execute: (event: unknown) => Result,
): AsyncGenerator<ExecutionResult, void, undefined> {
  const source = events[Symbol.asyncIterator]();
  const over = { done: true, value: undefined } as const;
  const respond = (event: IteratorResult<unknown, unknown>) => {
    if (event.done) return over;
    const result = execute(event.value);
    if (result instanceof Promise) return result.then((value) => ({ done: false, value }) as const);
    return { done: false, value: result } as const;
  };
  return {
    next: () => source.next().then(respond),
    async return() {
      await source.return?.();
      return over;
    },
    async throw(error) {
      await source.return?.();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await source.return?.();
    },
  };
}
