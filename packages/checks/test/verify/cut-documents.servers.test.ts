import { ServerHandle } from '@lockstep/servers';
import { expect, test } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { migration } from '../support/migration.ts';
import { changingProxy } from '../support/trimming-proxy.ts';
import { verify } from '../support/verify.ts';

test('documents that something in between cuts are not taken for the same by what is left of them', async () => {
  const schema = await migration();
  const cut = (value: string) => (value.startsWith('[') ? value.slice(0, 100) : value);
  const behind = async (server: ServerHandle) =>
    new ServerHandle({ ...server.info(), port: await changingProxy(server.port, cut) });
  const { source, target } = schema;
  for (const [server, last] of [
    [source, 1],
    [target, 2],
  ] as const) {
    const document = (end: number) => `[${[...Array.from({ length: 40 }, () => 100), end].join(', ')}]`;
    await server.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, j JSON)`);
    await server.query(`INSERT INTO ${schema.sql}.t VALUES (1, ?), (2, NULL), (3, '[1]')`, [document(last)]);
  }
  const options = {
    changes: { verify: { ...verifyConfig, settleMs: 50 } },
    route: { kind: null, evidence: 'the target is not a replica' },
  };
  expect((await verify(schema, options)).of('t')).toMatchObject({
    verdict: 'DIFFERENT',
    rows: [{ key: { id: '1' } }],
  });
  const result = (
    await verify({ ...schema, source: await behind(source), target: await behind(target) }, options)
  ).of('t');
  expect(result, result.reason).toMatchObject({
    verdict: 'UNVERIFIED',
    reason: expect.stringContaining('does not send documents whole') as string,
  });
});
