import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FreshSchema, ServerHandle } from '@lockstep/servers';
import { patient, unhurried } from '@lockstep/servers/patience';
import { freshSchema } from '@lockstep/servers/vitest';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import { follow, graphqlClient, take } from '../fixture/graphql-client.ts';
import { lockstep } from './program.ts';

const mebibyte = 2 ** 20;
const pairs = 10;
const rows = 20_000;

const shipped = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../../../../${file}`, import.meta.url)), 'utf8');

test('the container and the unit say that 256 MB are enough', () => {
  const { services } = parse(shipped('compose.yaml')) as {
    services: { lockstep: { mem_limit: string; memswap_limit: string } };
  };
  expect(services.lockstep).toMatchObject({ mem_limit: '256m', memswap_limit: '256m' });
  expect(shipped('deploy/systemd/lockstep.service')).toMatch(/^MemoryMax=256M$/m);
});

test('ten pairs, compared row by row and watched by fifty subscribers, fit into 256 MB', async () => {
  const schema = await freshSchema('mariadb');
  await schema.source.query(
    `CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, note VARCHAR(200)) SELECT seq AS id, REPEAT('x', 200) AS note FROM ${schema.sql}.seq_1_to_${rows}`,
  );
  await schema.caughtUp();
  const program = lockstep(['serve', '--config', configFor(schema)]);
  let address = '';
  await vi.waitFor(() => {
    address = /http:\/\/127\.0\.0\.1:\d+/.exec(program.stdout + program.stderr)?.[0] ?? '';
    expect(address).not.toBe('');
  }, patient);
  await using client = graphqlClient(address.replace('http', 'ws'));
  const heard = Array.from({ length: 50 }, () => follow(client, 'subscription { lag { pair lagMs } }'));
  await vi.waitFor(async () => {
    const response = await fetch(`${address}/api/metrics`);
    const { pairs: all } = (await response.json()) as { pairs: { tables: { match: number } }[] };
    expect(all.map(({ tables }) => tables.match)).toEqual(Array(pairs).fill(1));
  }, patient);
  await Promise.all(heard.map((samples) => take(samples, 3 * pairs)));
  const status = readFileSync(`/proc/${program.child.pid}/status`, 'utf8');
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  expect(peak).toBeLessThan(256 * mebibyte);
});

/** Each pair by servers of its own name, with connections and samples of its own. */
function configFor(schema: FreshSchema): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-memory-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = ({ host, port, monitor }: ServerHandle) => ({ host, port, ...monitor, tls: false });
  const numbers = Array.from({ length: pairs }, (_, i) => i);
  const file = join(folder, 'lockstep.json');
  const content = {
    servers: Object.fromEntries(
      numbers.flatMap((i) => [
        [`s${i}`, server(schema.source)],
        [`t${i}`, server(schema.target)],
      ]),
    ),
    pairs: numbers.map((i) => ({ name: `p${i}`, source: `s${i}`, target: `t${i}` })),
    // A run may end without a verdict where much else is replicated; the next one says more.
    defaults: { tables: [`${schema.name}.*`], checks: { consistency: false, checksum: { every: '20s' } } },
    http: { port: 0 },
    storage: { file: join(folder, 'history.db') },
    lag: { timeout: unhurried },
    connection: { connectTimeout: unhurried },
  };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return file;
}
