import plugin from '@graphql-eslint/eslint-plugin';
import { Linter } from 'eslint';
import { readDocument } from './documents.ts';

const { configs, parser, rules } = plugin;

export const schemaText = readDocument('schema.graphql');

/**
 * What the plugin finds in a GraphQL schema, as "line: words". Its set for Relay holds as it is but for lists: what
 * never grows is a plain one, and some list what has no id, e.g. the rows of a difference.
 */
export function faultsOf(schema: string): string[] {
  const config: Linter.Config = {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': { rules } as never },
    languageOptions: { parser, parserOptions: { graphQLConfig: { schema } } },
    rules: {
      ...configs['flat/schema-recommended'].rules,
      ...configs['flat/schema-relay'].rules,
      '@graphql-eslint/relay-edge-types': [
        'error',
        { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
      ],
      '@graphql-eslint/no-scalar-result-type-on-mutation': 'error',
      '@graphql-eslint/strict-id-in-types': 'off',
    },
  };
  const found = new Linter().verify(schema, config, { filename: 'schema.graphql' });
  return found.map(({ line, message }) => `${line}: ${message}`);
}
