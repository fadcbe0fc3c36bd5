import { createHash } from 'node:crypto';
import {
  cachingProxy,
  loggedIn,
  type ServerHandle,
  settled,
  splittingProxy,
  startPair,
  statementProxy,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connection, pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';
import { rewritingServer } from '../support/made-up-server.ts';

const foundOut =
  /another server answered|somebody else has set up|closed|reset|ended the connection|balances/;

/** Some tries, of a few connections each, and what comes to it in every minute that this takes. */
const mostOpened = (ms: number) => 30 + (10 * ms) / 60_000;

interface Servers {
  source: ServerHandle;
  target: ServerHandle;
  /** Whether the target has what the source has. */
  isCaughtUp: () => boolean;
}

type Middle = (servers: Servers) => Promise<{ port: number; close?: () => void }>;

const isSelect = (statement: string) => /^\s*SELECT\b/i.test(statement);
const hash = (statement: string) => createHash('sha256').update(statement).digest().readUInt8(0);
const comResetConnection = Buffer.from([1, 0, 0, 0, 0x1f]);

const middles: Record<string, Middle> = {
  'asks another with each statement': ({ source, target }) => {
    let turn = 0;
    return splittingProxy(source, target, () => turn++ % 2 === 1);
  },
  'reads from the target once that has it all': ({ source, target, isCaughtUp }) =>
    splittingProxy(source, target, (statement) => isSelect(statement) && isCaughtUp()),
  'pins statements by their hash': ({ source, target }) =>
    splittingProxy(source, target, (statement) => hash(statement) % 2 === 0),
  'asks another once a connection has been told much': ({ source, target }) => {
    let told = 0;
    return splittingProxy(source, target, () => ++told % 40 > 25);
  },
  'asks the target where the source is': ({ source, target }) =>
    splittingProxy(source, target, (statement) => /@@global\.gtid_/.test(statement)),
  'takes comments out': async ({ source }) => ({
    port: await rewritingServer(source.port, (statement) => statement.replace(/\/\*[^!+].*?\*\//gs, ' ')),
  }),
  'remembers some answers': ({ source }) =>
    cachingProxy(source, (statement) => (hash(statement) % 3 === 0 ? statement : null)),
  'resets the session before each statement': ({ source }) =>
    statementProxy(source, (client, main) => {
      let isOurs = false;
      main.on('data', (data) => isOurs || client.write(data));
      return async (packet) => {
        isOurs = true;
        main.write(comResetConnection);
        await settled(main);
        isOurs = false;
        main.write(packet);
      };
    }),
  'sets what is SET elsewhere': ({ source }) =>
    statementProxy(source, async (client, main) => {
      const side = await loggedIn(source);
      client.on('close', () => side.destroy());
      for (const session of [main, side]) session.on('data', (data) => client.write(data));
      return (packet, statement) => void (/^\s*SET\b/i.test(statement) ? side : main).write(packet);
    }),
  'ends a connection after some answers': ({ source }) =>
    statementProxy(source, (client, main) => {
      let left = 30_000;
      main.on('data', (data) => {
        left -= data.length;
        if (left > 0) client.write(data);
        else client.destroy();
      });
      return (packet) => void main.write(packet);
    }),
  'holds back answers': ({ source }) =>
    statementProxy(source, (client, main) => {
      let turn: Promise<unknown> = Promise.resolve();
      main.on('data', (data) => {
        turn = Promise.all([turn, new Promise((resolve) => setTimeout(resolve, 150))]).then(() =>
          client.write(data),
        );
      });
      return (packet) => void main.write(packet);
    }),
};

describe.each(flavours)('on %s', (flavour) => {
  test('nothing that stands before the source makes a target that lags and differs seem as it', async () => {
    // Their own: the applier stands still while they are told apart.
    const pair = await startPair({ flavour });
    onTestFinished(() => pair.remove());
    const schema = await freshSchema(pair);
    const { source, target, name, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1, 1), (2, 2)`);
    await schema.caughtUp();
    const holder = await target.connect();
    onTestFinished(() => holder.end());
    await holder.query('BEGIN');
    await holder.query(`SELECT * FROM ${sql}.t FOR UPDATE`);
    await source.query(`UPDATE ${sql}.t SET v = 10 WHERE id = 1`);

    let isCaughtUp = false;
    const names = Object.keys(middles);
    const ports: Record<string, { port: number }> = {};
    const opened: Record<string, number> = {};
    for (const each of names) {
      const middle = await middles[each]!({ source, target, isCaughtUp: () => isCaughtUp });
      onTestFinished(() => middle.close?.());
      const door = await forward(() => {
        opened[each] = (opened[each] ?? 0) + 1;
        return middle.port;
      });
      ports[each] = { port: door.port };
    }
    const began = Date.now();
    const { engine, events } = startEngine({
      servers: { target, ...Object.fromEntries(names.map((each) => [each, source])) },
      reach: ports,
      pairs: names.map((each) => pairConfig([`${name}.*`], { name: each, source: each, checks: noChecks })),
      // In the time that this takes, tries twice as far apart each time are a handful.
      config: { connection: { ...connection, maxDelayMs: 60_000 } },
    });
    const said = (each: string) =>
      JSON.stringify([engine.pair(each)?.state, engine.pair(each)?.evidence, engine.server(each)?.evidence]);
    await vi.waitFor(() => {
      for (const each of names) {
        if (engine.pair(each)?.state === 'lagging') continue;
        expect(said(each)).toMatch(foundOut);
      }
    }, patient);
    const states = events.flatMap((event) =>
      event.type === 'pair' && event.data.state === 'in-sync' ? [event.pair] : [],
    );
    expect(states).toEqual([]);

    await holder.query('ROLLBACK');
    await schema.caughtUp();
    isCaughtUp = true;
    await holder.query('SET sql_log_bin = 0');
    await holder.query(`UPDATE ${sql}.t SET v = 20 WHERE id = 2`);
    // A run waits for a source that is not believed: it is enough that it says nothing.
    const matched = new Set<string>();
    const open = new Map(names.map((each) => [each, engine.startRun(each, 'checksum', null, 'me').id]));
    await vi.waitFor(() => {
      for (const [each, id] of open) {
        const run = engine.run(id);
        if (run?.verdicts.MATCH) matched.add(each);
        if (run?.finishedAt || foundOut.test(said(each))) open.delete(each);
      }
      expect(
        [...open.keys()].map((each) => `${each} ${said(each)} ${engine.run(open.get(each)!)?.evidence}`),
      ).toEqual([]);
    }, patient);
    expect([...matched]).toEqual([]);
    const most = mostOpened(Date.now() - began);
    expect(Object.entries(opened).filter(([, times]) => times > most)).toEqual([]);
  });
});
