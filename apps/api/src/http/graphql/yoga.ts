import type { Logger } from '@lockstep/checks';
import { type DocumentNode, GraphQLError, Kind, NoSchemaIntrospectionCustomRule, parse } from 'graphql';
import { createYoga, maskError, type Plugin, useExecutionCancellation } from 'graphql-yoga';
import type { ApiContext } from '../../graphql/context.ts';
import { schema } from '../../graphql/schema.ts';
import type { Caller } from '../auth/authenticator.ts';
import { expectedFailure } from '../expected-failure.ts';
import { DocumentCache } from './document-cache.ts';
import { excesses, limits } from './limits.ts';

export interface YogaDeps {
  api: Omit<ApiContext, 'viewer'>;
  introspection: boolean;
  log: Logger;
}

export type ApiYoga = ReturnType<typeof createApiYoga>;

/** Executes GraphQL for HTTP and for WebSocket alike, so that the same limits and the same masking guard both. */
export function createApiYoga({ api, introspection, log }: YogaDeps) {
  return createYoga<{ caller: Caller }, ApiContext>({
    schema,
    context: ({ caller }) => ({ ...api, viewer: caller.viewer }),
    plugins: [useLimits(introspection), useExecutionCancellation()],
    maxRequestBodySize: 100_000,
    parserAndValidationCache: { documentCache: new DocumentCache(), errorCache: new DocumentCache() },
    maskedErrors: { maskError: (error, message) => expectedError(error) ?? maskError(error, message, false) },
    logging: {
      debug: () => {},
      info: () => {},
      warn: (...args) => log.warn({ args }, 'GraphQL warned'),
      error: (error: unknown, ...args: unknown[]) => {
        // Whoever asked is told; the log is for what is not about the request.
        if ((expectedFailure(rootOf(error))?.status ?? 500) < 500) return;
        log.error({ err: rootOf(error), ...(args.length > 0 && { args }) }, 'GraphQL failed');
      },
    },
    cors: false,
    batching: false,
    multipart: false,
    graphiql: false,
    landingPage: false,
  });
}

function useLimits(introspection: boolean): Plugin {
  return {
    onParse: ({ setParseFn, context }) => {
      setParseFn((source: string, options?: object) =>
        parse(source, { ...options, maxTokens: limits.tokens }),
      );
      return ({ result }) => {
        if (!isDocument(result)) return;
        const [excess] = excesses(schema, result, variablesIn(context));
        if (excess) throw excess;
      };
    },
    onValidate: ({ addValidationRule }) => {
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
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
