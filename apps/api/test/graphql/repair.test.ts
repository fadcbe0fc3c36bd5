import { EngineRequestError, ServerFault } from '@lockstep/checks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { operatorToken, type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ auth: tokens });
  service.engine.repairText = {
    preamble: ['SET NAMES utf8mb4'],
    statements: ['DELETE FROM `shop`.`items` WHERE `id` = 1 LIMIT 1'],
    notes: ['a note'],
  };
});
afterAll(() => service.stop());
beforeEach(() => {
  service.engine.deeds = [];
  service.engine.refusal = null;
});

const operator = { authorization: `Bearer ${operatorToken}` };
const viewer = { authorization: `Bearer ${viewerToken}` };

const selection = `repair {
  __typename
  ... on Repair { preamble statements notes script }
  ... on RequestError { code message }
}`;
const query = `{ pair(name: "orders") { table(schema: "shop", name: "items") { checksum { ${selection} } } } }`;

async function ask(headers: Record<string, string>) {
  const { data, errors } = await service.graphql<{ pair: { table: { checksum: { repair: object } } } }>(
    query,
    {},
    headers,
  );
  expect(errors).toBeUndefined();
  return data?.pair.table.checksum.repair;
}

test('an operator gets the repair of a table, as parts and as one script', async () => {
  expect(await ask(operator)).toEqual({
    __typename: 'Repair',
    ...service.engine.repairText,
    script: expect.stringMatching(
      /^-- Repair of shop\.items, pair orders\n-- to be run on replica \(127\.0\.0\.1:3306\)\n[^]*\nSET NAMES utf8mb4;\nDELETE .*;\n-- a note\n$/,
    ) as string,
  });
  expect(service.engine.deeds).toEqual(['repair of shop.items of orders by checksum']);
});

test('a viewer is refused, and no server is asked', async () => {
  expect(await ask(viewer)).toEqual({
    __typename: 'RequestError',
    code: 'FORBIDDEN',
    message: 'This needs the operator role; "grafana" is a viewer.',
  });
  expect(service.engine.deeds).toEqual([]);
});

test.for([
  [new EngineRequestError('NOT_FOUND', 'shop.items has no result'), 'NOT_FOUND'],
  [new ServerFault('connection', 'replica', 'replica (127.0.0.1:3306): connection refused'), 'UNAVAILABLE'],
] as const)('%s is a value with its sentence', async ([refusal, code]) => {
  service.engine.refusal = refusal;
  expect(await ask(operator)).toEqual({ __typename: 'RequestError', code, message: refusal.message });
});

test.for([
  ['every table of a pair', `{ pair(name: "orders") { tables { nodes { checksum { ${selection} } } } } }`],
  ['every new result', `subscription { tables { ${selection} } }`],
])('a repair of %s is more than one document may ask for', async ([, document]) => {
  const { errors } = await service.graphql(document!, {}, operator);
  expect(errors).toMatchObject([{ extensions: { code: 'TOO_MUCH', limit: 'cost' } }]);
  expect(service.engine.deeds).toEqual([]);
});
