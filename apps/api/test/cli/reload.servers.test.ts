import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type FreshSchema, type ServerHandle } from '@lockstep/servers';
import { patient, unhurried } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { expect, onTestFinished, test, vi } from 'vitest';
import { follow, graphqlClient } from '../fixture/graphql-client.ts';
import { lockstep, type Program } from './program.ts';

/** A service that reads this file, and what a person does with it. */
async function serving(schema: FreshSchema) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-reload-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'lockstep.yaml');
  const port = await freePort();
  const server = ({ host, port: at, monitor }: ServerHandle) =>
    JSON.stringify({ host, port: at, user: monitor.user, password: monitor.password, tls: false });
  const pair = (name: string, more = '') =>
    `  - { name: ${name}, source: primary, target: replica, tables: ['${schema.name}.*'], checks: { checksum: { cron: '0 0 1 1 *' }, consistency: false } ${more} }`;
  const write = (pairs: string[], more = `http: { port: ${port} }`) =>
    writeFileSync(
      file,
      `servers:
  primary: ${server(schema.source)}
  replica: ${server(schema.target)}
pairs:
${pairs.join('\n')}
storage: { file: ${join(folder, 'history.db')} }
lag: { timeout: ${unhurried}, sampleInterval: 100ms }
connection: { connectTimeout: ${unhurried} }
${more}
`,
    );
  write([pair('shop'), pair('gone')]);
  const program = lockstep(['serve', '--config', file]);
  await vi.waitFor(() => expect(program.stdout).toContain('listening on'), patient);
  const address = `http://127.0.0.1:${port}`;
  const ask = async <Data>(query: string): Promise<Data> => {
    const answer = await fetch(`${address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return ((await answer.json()) as { data: Data }).data;
  };
  const states = async () => {
    const { pairs } = await ask<{ pairs: { name: string; state: string }[] }>('{ pairs { name state } }');
    return Object.fromEntries(pairs.map(({ name, state }) => [name, state]));
  };
  return { program, file, port, address, pair, write, ask, states };
}

const said = (program: Program, words: string) =>
  vi.waitFor(() => expect(program.stdout).toContain(words), patient);

const reload = `mutation { reloadConfiguration {
  ... on Reconfigured { by pairs { added removed changed unchanged } servers { unchanged } needsRestart }
  ... on RequestError { code message } } }`;

test('SIGHUP takes up the file: a pair that it leaves alone is measured on, its run goes on and sockets stay open', async () => {
  const schema = await freshSchema(flavours[0]!);
  await schema.source.query(`CREATE TABLE ${schema.sql}.items (id INT PRIMARY KEY)`);
  await schema.caughtUp();
  const { program, address, pair, write, ask, states } = await serving(schema);
  await vi.waitFor(async () => expect(await states()).toEqual({ shop: 'IN_SYNC', gone: 'IN_SYNC' }), patient);

  await using client = graphqlClient(address.replace('http', 'ws'));
  const lag: { lagMs: number | null; evidence: string }[] = [];
  const samples = (async () => {
    for await (const sample of follow<(typeof lag)[number]>(
      client,
      'subscription { lag(pair: "shop") { lagMs evidence } }',
    )) {
      lag.push(sample);
    }
  })();
  void samples.catch(() => undefined);
  const news = follow<object>(
    client,
    'subscription { configuration { by pairs { added removed changed } } }',
  );
  const told = news.next();
  const blocker = await schema.target.connect();
  await blocker.query(`LOCK TABLES ${schema.sql}.items WRITE`);
  const { startRun } = await ask<{ startRun: { id: string } }>(
    'mutation { startRun(pair: "shop") { ... on Run { id } } }',
  );
  const run = async () =>
    (await ask<{ run: { state: string } }>(`{ run(id: "${startRun.id}") { state } }`)).run.state;
  await vi.waitFor(async () => expect(await run()).toBe('RUNNING'), patient);
  await vi.waitFor(() => expect(lag.length).toBeGreaterThan(3), patient);

  const from = new Date().toISOString();
  const before = lag.length;
  write([pair('new'), pair('shop')]);
  program.child.kill('SIGHUP');
  expect((await told).value).toEqual({
    by: 'SIGHUP',
    pairs: { added: ['new'], removed: ['gone'], changed: [] },
  });
  await vi.waitFor(async () => expect(await states()).toEqual({ new: 'IN_SYNC', shop: 'IN_SYNC' }), patient);
  await vi.waitFor(() => expect(lag.length).toBeGreaterThan(before + 20), patient);
  // Where the machine is busy a server may be silent for a while: what is watched anew was not measured yet.
  const { pair: shop } = await ask<{ pair: { events: { message: string }[] } }>(
    `{ pair(name: "shop") { events(from: "${from}", kinds: [STATE]) { message } } }`,
  );
  const sentences = [...shop.events, ...lag.slice(before)].map((told) =>
    'message' in told ? told.message : told.evidence,
  );
  expect(sentences.filter((sentence) => /not (measured|read) yet/.test(sentence))).toEqual([]);
  expect(await run()).toBe('RUNNING');
  await blocker.query('UNLOCK TABLES');
  await blocker.end();
  await vi.waitFor(async () => expect(await run()).toBe('FINISHED'), patient);
  await news.return(undefined);
});

test('a file that is wrong changes nothing, and is refused in the words of a start; what cannot change meanwhile is named', async () => {
  const schema = await freshSchema(flavours[0]!);
  const { program, file, port, pair, write, ask, states } = await serving(schema);
  await vi.waitFor(async () => expect(await states()).toEqual({ shop: 'IN_SYNC', gone: 'IN_SYNC' }), patient);

  write([pair('shop', ', lag: { warning: 10 parsecs }')]);
  const start = lockstep(['serve', '--config', file]);
  expect(await start.ended).toBe(3);
  const words = start.stderr.replace(/^lockstep: /, '').trim();
  expect(words).toContain('10 parsecs');
  const { reloadConfiguration } = await ask<{ reloadConfiguration: { code: string; message: string } }>(
    reload,
  );
  expect(reloadConfiguration.code).toBe('INVALID');
  expect(reloadConfiguration.message.trim()).toBe(words);
  program.child.kill('SIGHUP');
  await vi.waitFor(() => expect(program.stdout.split('configuration refused').length).toBe(3), patient);
  expect(await states()).toEqual({ shop: 'IN_SYNC', gone: 'IN_SYNC' });

  write([pair('shop'), pair('gone')], `http: { port: ${port + 1}, graphiql: false }\nlog: { level: debug }`);
  expect(await ask(reload)).toEqual({
    reloadConfiguration: {
      by: 'anonymous',
      pairs: { added: [], removed: [], changed: [], unchanged: 2 },
      servers: { unchanged: 2 },
      needsRestart: ['http.port', 'http.graphiql', 'log.level'],
    },
  });
  await said(program, 'as before until Lockstep is started again: http.port, http.graphiql, log.level');
  const { config } = await ask<{ config: { values: { path: string; value: string }[] } }>(
    '{ config { values { path value } } }',
  );
  expect(config.values.find(({ path }) => path === 'http.port')?.value).toBe(String(port));
});
