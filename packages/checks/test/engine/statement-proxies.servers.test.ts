import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cachingProxy,
  type OwnPair,
  splittingProxy,
  startPair,
  type StatementProxy,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ServerConfig } from '../../src/config.ts';
import { certificates } from '../support/certificates.ts';
import { pairConfig } from '../support/config.ts';
import { connect } from '../support/connect.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { tlsFront } from '../support/tls-front.ts';

const otherAnswer = /another server answered on one connection: a proxy that splits reads, or a cache\?/;

function behind(proxy: StatementProxy): { port: number } {
  onTestFinished(() => proxy.close());
  return { port: proxy.port };
}

/** A table of a pair of its own, of which the target's rows stand still, and the applier with them. */
async function heldTable(pair: OwnPair): Promise<Awaited<ReturnType<typeof freshSchema>>> {
  const schema = await freshSchema(pair);
  const { source, target, sql, caughtUp } = schema;
  await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, v INT)`);
  await source.query(`INSERT INTO ${sql}.t VALUES (1, 1)`);
  await caughtUp();
  const holder = await target.connect();
  onTestFinished(() => holder.end());
  await holder.query('BEGIN');
  await holder.query(`SELECT * FROM ${sql}.t FOR UPDATE`);
  return schema;
}

describe.each(flavours)('on %s', (flavour) => {
  test('a proxy that sends SELECTs to the target is no source: nothing is in sync, and no table matches', async () => {
    const pair = await startPair({ flavour });
    onTestFinished(() => pair.remove());
    const { source, target, name, sql } = await heldTable(pair);
    const { engine } = startEngine({
      servers: { source, target },
      reach: { source: behind(await splittingProxy(source, target)) },
      pairs: [pairConfig([`${name}.*`], { checks: noChecks })],
    });
    const states: (string | undefined)[] = [];
    await vi.waitFor(() => {
      states.push(engine.pair('pair')?.state);
      expect(engine.server('source')).toMatchObject({
        connection: 'disconnected',
        evidence: expect.stringMatching(otherAnswer) as string,
      });
    }, patient);
    await source.query(`UPDATE ${sql}.t SET v = 2`);
    const { id } = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.run(id)?.state).not.toBe('running'), patient);
    expect(engine.run(id)?.verdicts).not.toHaveProperty('MATCH');
    expect(engine.pair('pair')).toMatchObject({ state: 'unknown', lag: { lagMs: null } });
    expect(states).not.toContain('in-sync');
  });

  const chains: Record<string, (port: number) => Promise<Partial<ServerConfig>>> = {
    'at which TLS ends': async (port) => {
      const folder = mkdtempSync(join(tmpdir(), 'lockstep-tls-'));
      const { ca, cert, key } = certificates(folder);
      rmSync(folder, { recursive: true });
      const tls = { ca, cert: null, key: null, verifyIdentity: true };
      const front = await tlsFront(port, { certificate: { cert, key }, encryptsAgain: false });
      return { host: 'localhost', port: front, tls };
    },
    'that remembers': async (port) => behind(await cachingProxy({ port })),
  };
  test.each(Object.keys(chains))(
    'a proxy that sends SELECTs to the target is found out behind one %s',
    async (name) => {
      const { source, target, name: schema } = await freshSchema(flavour);
      // In the open a server takes no password that it has not checked before.
      await connect({ source });
      const split = await splittingProxy(source, target);
      onTestFinished(() => split.close());
      const { engine, events } = startEngine({
        servers: { source, target },
        reach: { source: await chains[name]!(split.port) },
        pairs: [pairConfig([`${schema}.*`], { checks: noChecks })],
      });
      await vi.waitFor(() => expect(engine.server('source')?.evidence).toMatch(otherAnswer), patient);
      const states = events.flatMap((event) => (event.type === 'pair' ? event.data.state : []));
      expect(states).not.toContain('in-sync');
    },
  );

  test('what a cache remembers is never taken for where the source is', async () => {
    const pair = await startPair({ flavour });
    onTestFinished(() => pair.remove());
    const { source, target, name, sql } = await heldTable(pair);
    const { engine } = startEngine({
      servers: { source, target },
      reach: { source: behind(await cachingProxy(source)) },
      pairs: [pairConfig([`${name}.*`], { checks: noChecks })],
    });
    await vi.waitFor(() => expect(engine.pair('pair')).toMatchObject({ state: 'in-sync' }), patient);
    await source.query(`UPDATE ${sql}.t SET v = 2`);
    await vi.waitFor(() => expect(engine.pair('pair')?.lag?.lagMs).toBeGreaterThan(0), patient);
  });

  test('a cache that takes statements for the same but for their literals is found out', async () => {
    const { source, target, name } = await freshSchema(flavour);
    const proxy = await cachingProxy(source, (statement) => statement.replace(/'[^']*'|\d+/g, '?'));
    const { engine } = startEngine({
      servers: { source, target },
      reach: { source: behind(proxy) },
      pairs: [pairConfig([`${name}.*`], { checks: noChecks })],
    });
    await vi.waitFor(() => {
      expect(engine.server('source')).toMatchObject({
        connection: 'disconnected',
        evidence: expect.stringMatching(otherAnswer) as string,
      });
    }, patient);
    expect(engine.pair('pair')?.state).not.toBe('in-sync');
  });
});
