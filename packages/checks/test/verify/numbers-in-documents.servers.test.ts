import type { Flavour } from '@lockstep/servers';
import { expect, test } from 'vitest';
import type { TableResult } from '../../src/model/verdict.ts';
import { verifyConfig } from '../support/config.ts';
import { migration } from '../support/migration.ts';
import { verify } from '../support/verify.ts';

/** Both sides' documents, one row each, as their SQL has them. */
async function compared(from: Flavour, to: Flavour, documents: [mysql: string, mariadb: string][]) {
  const schema = await migration(from, to);
  const t = `${schema.sql}.t`;
  for (const server of [schema.source, schema.target]) {
    await server.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, j JSON)`);
    const of = (each: [string, string]) => each[server.flavour === 'mysql' ? 0 : 1];
    await server.query(`INSERT INTO ${t} VALUES ${documents.map((each, i) => `(${i}, ${of(each)})`).join()}`);
  }
  const { of } = await verify(schema, {
    changes: { verify: { ...verifyConfig, settleMs: 50 } },
    route: { kind: null, evidence: 'the target is not a replica' },
  });
  return of('t');
}

const different = ({ rows }: TableResult) => rows.map(({ key, columns }) => [key['id'], columns]);

test.each([
  ['mysql', 'mariadb'],
  ['mariadb', 'mysql'],
] as const)('of %s and %s a number is the one that MySQL makes of its text', async (from, to) => {
  const written = [
    // As PHP wrote every fraction for years, and printf with %.17g.
    `'{"price": 0.10000000000000001, "at": [48.858370000000001, 2.2944809999999998]}'`,
    `'0.1234567890123456789'`,
    `'123456789012345678901234567890'`,
    `'9007199254740993'`,
  ];
  const result = await compared(
    from,
    to,
    written.map((text) => [text, text]),
  );
  expect(result).toMatchObject({ verdict: 'MATCH', rowsCompared: written.length });
});

test('a DECIMAL in a document of MySQL is the text of its digits, and no other', async () => {
  const decimal = (digits: string) => `JSON_OBJECT('a', CAST('${digits}' AS DECIMAL(65, 20)))`;
  const whole = (digits: string) => `JSON_OBJECT('a', CAST('${digits}' AS DECIMAL(65)))`;
  const [many, one] = ['1.12345678901234567890', '123456789012345678901234567890'];
  const same = await compared('mysql', 'mariadb', [
    [decimal(many), `'{"a": ${many}}'`],
    [whole(one), `'{"a": ${one}}'`],
  ]);
  expect(same).toMatchObject({ verdict: 'MATCH', rowsCompared: 2 });

  const other = await compared('mysql', 'mariadb', [
    [decimal(many), `'{"a": 1.12345678901234567891}'`],
    [whole(one), `'{"a": 123456789012345678901234567891}'`],
    [`'{"a": 0.1}'`, `'{"a": 0.10000000000000002}'`],
    [`'{"a": 0.1}'`, `'{"a": 0.1000}'`],
  ]);
  expect(other.verdict).toBe('DIFFERENT');
  expect(different(other)).toEqual([
    ['0', ['j']],
    ['1', ['j']],
    ['2', ['j']],
  ]);
});
