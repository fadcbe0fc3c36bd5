import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage, silent } from '@lockstep/checks';
import type { FreshSchema, ServerHandle } from '@lockstep/servers';
import { patient, unhurried } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { formatProblem, loadConfig, type LoadedConfig } from '../src/config/index.ts';
import { main } from '../src/main.ts';
import { follow, graphqlClient } from './fixture/graphql-client.ts';
import { receiver } from './notify/fixtures.ts';

/** A configuration of one pair, as a person would write it; checks run only when they are asked for. */
function configFor(schema: FreshSchema, { http = '{ port: 0 }', more = '' } = {}): LoadedConfig {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = ({ host, port, monitor }: ServerHandle) =>
    JSON.stringify({ host, port, user: monitor.user, password: monitor.password, tls: false });
  const file = join(folder, 'lockstep.yaml');
  writeFileSync(
    file,
    `servers:
  primary: ${server(schema.source)}
  replica: ${server(schema.target)}
pairs:
  - name: shop
    source: primary
    target: replica
    tables: ['${schema.name}.*']
    checks: { checksum: { cron: '0 0 1 1 *' }, consistency: false }
http: ${http}
storage: { file: ${join(folder, 'history.db')} }
lag: { timeout: ${unhurried} }
connection: { connectTimeout: ${unhurried} }
${more}
`,
  );
  const result = loadConfig(file, {});
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config;
}

async function startProgram(config: LoadedConfig) {
  const program = await main(config, silent);
  return {
    ...program,
    [Symbol.asyncDispose]: program.stop,
    async graphql<Data>(query: string, variables: object = {}): Promise<Data> {
      const response = await fetch(`${program.address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
      expect(errors).toBeUndefined();
      return data;
    },
  };
}

async function shop(flavour: (typeof flavours)[number]): Promise<FreshSchema> {
  const schema = await freshSchema(flavour);
  await schema.source.query(`CREATE TABLE ${schema.sql}.items (id INT PRIMARY KEY, status VARCHAR(20))`);
  await schema.source.query(`INSERT INTO ${schema.sql}.items VALUES (1, 'paid'), (2, 'paid'), (3, 'paid')`);
  await schema.caughtUp();
  return schema;
}

/** Changes the target alone, as no replication knows of. */
async function plant(schema: FreshSchema, sql: string): Promise<void> {
  const connection = await schema.target.connect();
  await connection.query('SET sql_log_bin = 0');
  await connection.query(sql);
  await connection.end();
}

interface Repaired {
  script: string;
  statements: string[];
  notes: string[];
}

describe.each(flavours)('the whole program on %s', (flavour) => {
  test('tells live lag to subscribers, and the same truth at every door', async () => {
    const schema = await shop(flavour);
    await using program = await startProgram(configFor(schema));
    await using client = graphqlClient(program.address.replace('http', 'ws'));

    let samples = 0;
    for await (const sample of follow<{ lagMs: number | null; method: string }>(
      client,
      'subscription { lag(pair: "shop") { lagMs method } }',
    )) {
      if (sample.method === 'GTID' && sample.lagMs === 0 && ++samples === 3) break;
    }

    interface Pairs {
      pairs: { name: string; state: string; source: { connection: string } }[];
    }
    await vi.waitFor(async () => {
      const { pairs } = await program.graphql<Pairs>('{ pairs { name state source { connection } } }');
      expect(pairs).toEqual([{ name: 'shop', state: 'IN_SYNC', source: { connection: 'CONNECTED' } }]);
    }, patient);
    // At each door waited for: between two of them a busy machine may let the lag be unknown, as is then told at all.
    await vi.waitFor(async () => {
      const rest = (await (await fetch(`${program.address}/api/metrics`)).json()) as object;
      expect(rest).toMatchObject({ pairs: [{ name: 'shop', state: 'in-sync', lag: { lagMs: 0 } }] });
    }, patient);
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${program.address}/metrics`)).text();
      expect(metrics).toContain('\nlockstep_replication_lag_seconds{pair="shop"} 0\n');
      expect(metrics).toContain('\nlockstep_server_up{server="replica"} 1\n');
    }, patient);
    await vi.waitFor(async () => {
      const health = await fetch(`${program.address}/api/health`);
      expect([health.status, await health.json()]).toMatchObject([
        200,
        { ok: true, servers: [{ connection: 'connected' }, { connection: 'connected' }] },
      ]);
    }, patient);
  });

  test('runs a check when asked, streams its verdicts, and shows the row that differs, its repair and its alert', async () => {
    const schema = await shop(flavour);
    await plant(schema, `UPDATE ${schema.sql}.items SET status = 'refused' WHERE id = 2`);
    const ops = await receiver();
    const notifications = `notifications: [{ name: ops, type: webhook, url: '${ops.url}' }]`;
    await using program = await startProgram(configFor(schema, { more: notifications }));
    await using client = graphqlClient(program.address.replace('http', 'ws'));
    const table = `${schema.name}.items`;

    await vi.waitFor(async () => {
      const { pair } = await program.graphql<{ pair: object }>('{ pair(name: "shop") { state } }');
      expect(pair).toEqual({ state: 'IN_SYNC' });
    }, patient);
    const results = follow<{ table: string; verdict: string; differences: object }>(
      client,
      'subscription { tables(pair: "shop") { table verdict differences { changed missing surplus } } }',
    );
    const first = results.next();
    const { startRun } = await program.graphql<{ startRun: object }>(
      'mutation ($tables: [String!]) { startRun(pair: "shop", tables: $tables) { __typename ... on Run { trigger only } } }',
      { tables: [table] },
    );
    expect(startRun).toEqual({ __typename: 'Run', trigger: 'OPERATOR', only: [table] });
    expect((await first).value).toEqual({
      table: 'items',
      verdict: 'DIFFERENT',
      differences: { changed: 1, missing: 0, surplus: 0 },
    });

    const { pair } = await program.graphql<{ pair: { table: { checksum: { rows: { nodes: object[] } } } } }>(
      `query ($schema: String!) { pair(name: "shop") { table(schema: $schema, name: "items") { checksum { rows {
        nodes { kind key { column value } columns cells { source { text } target { text } } rounds { target } }
      } } } } }`,
      { schema: schema.name },
    );
    const [row, ...more] = pair.table.checksum.rows.nodes as [{ rounds: unknown[] }];
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      kind: 'CHANGED',
      key: [{ column: 'id', value: '2' }],
      columns: ['status'],
      cells: [{ source: { text: 'paid' }, target: { text: 'refused' } }],
    });
    expect(row.rounds.length).toBeGreaterThanOrEqual(3);

    await vi.waitFor(async () => {
      const response = await fetch(`${program.address}/api/alerts?state=firing&pair=shop`);
      expect(await response.json()).toMatchObject({ alerts: [{ rule: 'table-different', table }] });
    }, patient);
    await vi.waitFor(async () => {
      const { alerts } = await program.graphql<{ alerts: object }>(
        '{ alerts(pair: "shop") { nodes { rule deliveries { destination told state } } } }',
      );
      expect(alerts).toEqual({
        nodes: [
          {
            rule: 'table-different',
            deliveries: [{ destination: 'ops', told: 'FIRING', state: 'DELIVERED' }],
          },
        ],
      });
    }, patient);
    const { sendTestNotification } = await program.graphql<{ sendTestNotification: object }>(
      'mutation { sendTestNotification { ... on TestNotification { destinations { name ok } } } }',
    );
    expect(sendTestNotification).toEqual({ destinations: [{ name: 'ops', ok: true }] });
    expect(ops.received.map(({ body }) => body['event'])).toEqual(['firing', 'test']);

    const { pair: asked } = await program.graphql<{ pair: { table: { checksum: { repair: Repaired } } } }>(
      `query ($schema: String!) { pair(name: "shop") { table(schema: $schema, name: "items") { checksum {
        repair { ... on Repair { script statements notes } }
      } } } }`,
      { schema: schema.name },
    );
    const { script, statements, notes } = asked.table.checksum.repair;
    expect([statements.length, statements.at(-1), notes]).toEqual([2, 'COMMIT', []]);
    await plant(schema, script);
    const next = results.next();
    await program.graphql('mutation { startRun(pair: "shop") { __typename } }');
    expect((await next).value).toMatchObject({ table: 'items', verdict: 'MATCH' });

    const { refused } = await program.graphql<{ refused: object }>(
      'mutation { refused: startRun(pair: "nope") { ... on RequestError { code } } }',
    );
    expect(refused).toEqual({ code: 'NOT_FOUND' });
  });
});

describe('starting and stopping', () => {
  test('a stop closes everything, so that a new start takes over port and history', async () => {
    const schema = await shop(flavours[0]!);
    const config = configFor(schema);
    const program = await startProgram(config);
    const { port } = new URL(program.address);
    await program.stop();
    await program.stop();
    await using again = await startProgram({ ...config, http: { ...config.http, port: Number(port) } });
    expect(again.address).toBe(program.address);
  });

  test('a program that cannot have its port says so, and leaves its history to the next one', async () => {
    const schema = await shop(flavours[0]!);
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const config = configFor(schema, { http: `{ port: ${port} }` });
    await expect(main(config, silent)).rejects.toThrow(
      `port ${port} of 127.0.0.1: another program does already`,
    );
    openStorage(config.engine.storage, { log: silent }).close();
  });
});
