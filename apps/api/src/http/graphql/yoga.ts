import type { Logger } from '@lockstep/checks';
import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import { createYoga, maskError, type Plugin, useExecutionCancellation } from 'graphql-yoga';
import type { ApiContext } from '../../graphql/context.ts';
import { schema } from '../../graphql/schema.ts';
import { turns } from '../../turns.ts';
import { expectedFailure } from '../expected-failure.ts';
import type { Share } from '../guard/memory.ts';
import type { Asking } from './asking.ts';
import { DocumentCache } from './document-cache.ts';
import { useEventStreams } from './event-stream.ts';
import { giveWay } from './in-slices.ts';
import { LargeQueries } from './large-queries.ts';
import { examine, limits } from './limits.ts';
import { longAnswer, tooManyWait } from './long-answers.ts';
import { isLong, tellable } from './result-text.ts';
import { type Mask, SharedExecution } from './shared-execution.ts';
import { Work } from './work.ts';

export interface YogaDeps {
  api: Api;
  introspection: boolean;
  log: Logger;
}

/** What every request has in common. */
type Api = Omit<ApiContext, 'viewer' | 'from'>;

export type ApiYoga = ReturnType<typeof createApiYoga>;

giveWay(schema);

/** Executes GraphQL for HTTP and for WebSocket alike, so that the same limits and the same masking guard both. */
export function createApiYoga({ api, introspection, log }: YogaDeps) {
  const masked = (error: unknown, message: string) =>
    expectedError(error) ?? maskError(error, message, false);
  const failed = (error: unknown, ...args: unknown[]) => {
    // Whoever asked is told; the log is for what is not about the request.
    if ((expectedFailure(rootOf(error))?.status ?? 500) < 500) return;
    log.error({ err: rootOf(error), ...(args.length > 0 && { args }) }, 'GraphQL failed');
  };
  const mask: Mask = (error) => {
    const shown = masked(error, 'Unexpected error.');
    if (shown !== error) failed(error);
    return shown;
  };
  return createYoga<Asking, ApiContext>({
    schema,
    context: ({ caller, address }) => ({
      ...api,
      viewer: caller.viewer,
      from: { way: caller.way, address },
    }),
    plugins: [
      useLimits(api, introspection),
      useExecutionCancellation(),
      useWork(),
      useSharedExecution(mask),
      useEventStreams(),
      useTextInSlices(),
    ],
    // Measured before: what comes here is whole.
    maxRequestBodySize: false,
    parserAndValidationCache: { documentCache: new DocumentCache(), errorCache: new DocumentCache() },
    maskedErrors: { maskError: masked },
    logging: {
      debug: () => {},
      info: () => {},
      warn: (...args) => log.warn({ args }, 'GraphQL warned'),
      error: failed,
    },
    cors: false,
    batching: false,
    multipart: false,
    graphiql: false,
    landingPage: false,
  });
}

/** Above this price a query waits its turn among others. */
const large = 5_000;

/** What was reckoned of a request, by its parameters. */
const prices = new WeakMap<object, number>();

/** Holds each query to its price while it is answered, and lets only a few dear ones in at a time. */
function useWork(): Plugin<Partial<ApiContext & Asking> & { params?: object }> {
  const queries = new LargeQueries();
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      const { operation } = args as { operation?: { operation: OperationTypeNode } };
      if (operation?.operation === OperationTypeNode.MUTATION) return;
      const { contextValue } = args;
      const price = (contextValue.params && prices.get(contextValue.params)) ?? 0;
      setExecuteFn(async (asked) => {
        const { signal } = args as { signal?: AbortSignal };
        const client = contextValue.client ?? '';
        const leave = price > large ? await queries.enter(client, signal) : () => {};
        if (!leave) return { errors: [tooManyWait()] };
        const work = new Work(client);
        contextValue.work = work;
        const signals = signal ? [signal, work.signal] : [work.signal];
        try {
          return (await executeFn({ ...asked, signal: AbortSignal.any(signals) } as typeof asked)) as unknown;
        } catch (error) {
          if (work.signal.aborted) return { errors: [work.signal.reason as GraphQLError] };
          throw error;
        } finally {
          leave();
        }
      });
    },
  };
}

/** How a stream gives way: of what lasts one client may have thousands, and nobody's question waits behind them. */
const asLasts: NonNullable<ApiContext['work']> = { rest: () => turns.last(), aside: (wait) => wait };

/** Executes an event once for all who asked for the same of it. */
function useSharedExecution(mask: Mask): Plugin<Partial<ApiContext> & { params?: Asked }> {
  const shared = new SharedExecution(mask);
  return {
    onSubscribe: ({ args, subscribeFn, setSubscribeFn }) => {
      const { contextValue } = args;
      const { viewer, params } = contextValue;
      const role = viewer?.role;
      contextValue.work = asLasts;
      const variables = variablesOf(args);
      args.variableValues = variables;
      if (params) keepOnly(variables, params);
      setSubscribeFn((asked) => shared.subscribe(asked, role) ?? (subscribeFn(asked) as unknown));
    },
  };
}

interface Asked {
  variables?: Record<string, unknown> | null;
  extensions?: unknown;
}

/** Those that the operation asks for. */
function variablesOf({ document, operationName, variableValues }: ExecutionArgs): Record<string, unknown> {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {};
  const names = new Set(variableDefinitions.map(({ variable }) => variable.name.value));
  return Object.fromEntries(Object.entries(variableValues ?? {}).filter(([name]) => names.has(name)));
}

/** Whatever else came with the question would stay in memory, many times as large as it was sent, while it is open. */
function keepOnly(variables: Record<string, unknown>, params: Asked): void {
  params.variables = variables;
  delete params.extensions;
}

/** A large answer is turned into text in slices: the library would do it in one go. */
function useTextInSlices(): Plugin<Partial<Asking>> {
  return {
    onResultProcess: async (processed) => {
      const { result, serverContext } = processed;
      if (!isLong(result)) return;
      const { client = '', answer, onFed } = serverContext as Partial<Asking>;
      const made = await longAnswer(client, answer);
      if (!made) return processed.setResult({ errors: [tooManyWait()] });
      try {
        processed.setResult(await tellable(result, () => turns.next(client)));
      } finally {
        // By then it is in its connection.
        void turns.next(client).then(() => {
          made();
          onFed?.();
        });
      }
    },
  };
}

function tooMuchHeld(): GraphQLError {
  return new GraphQLError('Your other questions hold too much already: ask again when they are over.', {
    extensions: { code: 'TOO_MANY' },
  });
}

function useLimits(api: Api, introspection: boolean): Plugin {
  return {
    onParse: ({ setParseFn, context }) => {
      setParseFn((source: string, options?: object) =>
        parse(source, { ...options, maxTokens: limits.tokens }),
      );
      return ({ result }) => {
        if (!isDocument(result)) return;
        const {
          excesses: [excess],
          cost,
        } = examine(schema, result, variablesIn(context), api);
        if (excess) throw excess;
        const { params, share } = context as { params?: object; share?: Share };
        share?.use(result);
        if (share?.isTooMuch) throw tooMuchHeld();
        if (params) prices.set(params, cost);
      };
    },
    onValidate: ({ addValidationRule, setValidationFn }) => {
      if (introspection) return;
      addValidationRule(NoSchemaIntrospectionCustomRule);
      // What is not told is not guessed at either.
      setValidationFn(((of, document, rules, options) =>
        validate(of, document, rules, { ...options, hideSuggestions: true })) as typeof validate);
    },
  };
}

/** The parameters of the request, which yoga and the sockets put into the context before anything else. */
function variablesIn(context: unknown): Record<string, unknown> {
  const { params } = context as { params?: { variables?: Record<string, unknown> | null } };
  return params?.variables ?? {};
}

function isDocument(result: unknown): result is DocumentNode {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === Kind.DOCUMENT;
}

function expectedError(error: unknown): GraphQLError | null {
  const failure = expectedFailure(rootOf(error));
  if (!failure) return null;
  const { nodes, path } = error instanceof GraphQLError ? error : {};
  return new GraphQLError(failure.message, {
    ...(nodes && { nodes }),
    ...(path && { path }),
    extensions: { code: failure.code },
  });
}

function rootOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? rootOf(error.originalError) : error;
}
