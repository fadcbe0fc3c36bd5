import { setTimeout as delay } from 'node:timers/promises';
import { createFreshSchema, type FreshSchema, type ServerHandle, startPair } from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { plant, verify } from '../support/verify.ts';

const rows = 400;

async function filled(schema: FreshSchema): Promise<string> {
  const t = `${schema.sql}.t`;
  const values = Array.from({ length: rows }, (_, i) => `(${i}, ${i})`);
  await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
  await schema.source.query(`INSERT INTO ${t} VALUES ${values.join(', ')}`);
  await schema.caughtUp();
  return t;
}

/** Every row takes its time, so that statements can be met while they run; some of the target's as long as you like. */
function slow(schema: FreshSchema, seconds = '0.01') {
  const override = {
    match: '*',
    ignoreColumns: [],
    maskColumns: [],
    method: null,
    where: `SLEEP(${seconds}) = 0`,
  };
  return {
    verify: { ...verifyConfig, maxChunkRows: 100, parallel: 1 },
    tables: { include: [`${schema.name}.*`], exclude: [], overrides: [override] },
  };
}

/** A kill policy: ends so many digests of Lockstep's on a server while they sleep. Resolves when it is told to stop. */
function killPolicy(server: ServerHandle, most: number) {
  let stopped = false;
  let ended = 0;
  const kill = async () => {
    while (!stopped && ended < most) {
      const list = await server.query<{ id: number }>(
        `SELECT ID AS id FROM information_schema.PROCESSLIST
           WHERE USER = '${server.monitor.user}' AND STATE = 'User sleep' AND INFO LIKE 'SELECT %, COUNT(*)%'`,
      );
      for (const { id } of list.slice(0, most - ended)) {
        await server.query(`KILL QUERY ${id}`).then(
          () => ended++,
          () => undefined,
        );
      }
      await delay(5);
    }
  };
  const killing = kill();
  return async () => {
    stopped = true;
    await killing;
    return ended;
  };
}

describe.each(flavours)('on %s', (flavour) => {
  test('statements that somebody ends are asked again, and in smaller parts; the table is compared all the same', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const t = await filled(schema);
    await plant(schema, `UPDATE ${t} SET v = -1 WHERE id = 350`);
    let stop: (() => Promise<number>) | null = null;
    const { of } = await verify(schema, {
      changes: slow(schema),
      beforeChunk: (n) => {
        if (n === 2) stop = killPolicy(schema.target, 3);
      },
    });
    expect(await stop!()).toBe(3);
    expect(of('t'), of('t').reason).toMatchObject({
      verdict: 'DIFFERENT',
      rowsCompared: rows,
      rows: [{ key: { id: '350' } }],
    });
  });

  test('where somebody ends them all, the table is not in error: what was confirmed stays, and who may do it is said', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const t = await filled(schema);
    // One that is to be ended is still on its way then, whoever has to wait for the next turn.
    const untilEnded = (rest: string) => `IF(@@port = ${schema.target.port} AND ${rest}, 60, 0)`;
    const stopAll = killPolicy(schema.target, Infinity);
    const none = await verify(schema, { changes: slow(schema, untilEnded('TRUE')) });
    await stopAll();
    const sentence =
      /somebody ends Lockstep's statements on target \(a kill policy such as pt-kill\?\): .*\(1317\)/;
    expect(none.of('t')).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: expect.stringMatching(sentence) as string,
    });
    expect(none.run.state).toBe('finished');

    await plant(schema, `UPDATE ${t} SET v = -1 WHERE id = 50`);
    const stopLater = killPolicy(schema.target, Infinity);
    const confirmed = await verify(schema, { changes: slow(schema, untilEnded('id >= 100')) });
    await stopLater();
    expect(confirmed.of('t')).toMatchObject({
      verdict: 'DIFFERENT',
      reason: expect.stringMatching(sentence) as string,
      rows: [{ key: { id: '50' } }],
    });
  });
});
