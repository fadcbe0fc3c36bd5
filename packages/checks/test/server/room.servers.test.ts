import { startServer, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { serverConfig } from '../support/config.ts';
import { reach } from '../support/connect.ts';
import { forward } from '../support/forward.ts';

describe.each(flavours)('on %s', (flavour) => {
  let handle: TestServer;
  beforeAll(async () => {
    handle = await startServer({ flavour });
  });
  afterAll(() => handle.remove());

  const mayHave = async (connections: number) => {
    const account = `'few${connections}'@'127.0.0.1'`;
    await handle.query(`DROP USER IF EXISTS ${account}`);
    await handle.query(`CREATE USER ${account} IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS ${connections}`);
    let opened = 0;
    const { port } = await forward(() => {
      opened++;
      return handle.port;
    });
    const db = reach({
      ...serverConfig('db', handle, port),
      user: `few${connections}`,
      password: () => Promise.resolve('pw'),
    });
    expect(await db.waitUntilConnected(patient.timeout)).toBe(true);
    const allow = (more: number) => handle.query(`ALTER USER ${account} WITH MAX_USER_CONNECTIONS ${more}`);
    const setPassword = (password: string) =>
      handle.query(`ALTER USER ${account} IDENTIFIED BY '${password}'`);
    return { db, allow, setPassword, opened: () => opened };
  };

  test('statements share what connections an account may have, and none is refused for there being no more', async () => {
    const { db } = await mayHave(3);
    await db.query('SELECT 1', [], { lane: 'sampler' });
    const ask = () => db.query<{ id: number }>('SELECT CONNECTION_ID() + 0 * SLEEP(0.02) AS id');
    for (let i = 0; i < 3; i++) {
      db.warm(4);
      const answers = await Promise.all(Array.from({ length: 8 }, ask));
      expect(new Set(answers.flat().map(({ id }) => Number(id))).size).toBe(1);
    }
    expect(db.state.connection).toBe('connected');
  });

  test('a server with no room is not knocked at with every question, and asked again when it may have some', async () => {
    const { db, allow, opened } = await mayHave(1);
    const ask = () => db.query('SELECT 1', [], { lane: 'sampler' });
    for (let i = 0; i < 40; i++) await expect(ask()).rejects.toMatchObject({ kind: 'connection' });
    expect(opened()).toBeLessThan(10);
    await expect(ask()).rejects.toThrow(/max_user_connections/);
    await allow(2);
    await vi.waitFor(ask, patient);
  });

  test('a server that lets the account in no more is not knocked at with every question', async () => {
    const { db, setPassword, opened } = await mayHave(3);
    const ask = () => db.query('SELECT 1', [], { lane: 'sampler' });
    await setPassword('another');
    for (let i = 0; i < 40; i++) await expect(ask()).rejects.toThrow(/access denied/);
    expect(db.state.connection).toBe('connected');
    expect(opened()).toBeLessThan(10);
    await setPassword('pw');
    await vi.waitFor(ask, patient);
  });
});
