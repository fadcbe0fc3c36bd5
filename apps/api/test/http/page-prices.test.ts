import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FixtureEngine, pairState, serverState } from '@lockstep/fixture';
import { type DocumentNode, Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { excesses } from '../../src/http/graphql/limits.ts';

const folder = fileURLToPath(new URL('../../../web/src/lib/api/documents/', import.meta.url));
const documents = parse(
  readdirSync(folder)
    .flatMap((file) =>
      [...readFileSync(folder + file, 'utf8').matchAll(/`([^`]+)`/g)].map(([, text]) => text!),
    )
    .filter((text) => /^\s*(query|subscription|mutation|fragment) /.test(text))
    .join('\n'),
);
const fragments = documents.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);

test.each([1, 300, 1_000])('nothing that the page asks for is too much with %i pairs', (count) => {
  const engine = new FixtureEngine();
  const tables = { ...pairState('x').tables, total: 20_000 };
  engine.pairStates = Array.from({ length: count }, (_, i) => pairState(`pair${i}`, { tables }));
  engine.serverStates = Array.from({ length: 2 * count }, (_, i) => serverState(`server${i}`));
  const config = { file: null, values: [], notifications: [] };
  const operations = documents.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  expect(operations.length).toBeGreaterThan(15);
  for (const operation of operations) {
    const document: DocumentNode = { ...documents, definitions: [operation, ...fragments] };
    const variables = { maxPoints: 60, first: 50 };
    expect(excesses(schema, document, variables, { engine, config })).toEqual([]);
  }
});
