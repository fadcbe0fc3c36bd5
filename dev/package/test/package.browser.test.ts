import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findChromium, freePort, type FreshSchema, run, type ServerHandle } from '@lockstep/servers';
import { patienceMs, patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { oldestNode } from '../src/bundle.ts';
import { makePackage } from '../src/make-package.ts';
import { fetchOldestNode } from './oldest-node.ts';
import { Program } from './program.ts';

let folder: string;
let tarball: string;
let schema: FreshSchema;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-package-'));
  tarball = await makePackage(folder);
  schema = await freshSchema(flavours[0] ?? 'mariadb');
  await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
  await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1), (2)`);
  await schema.caughtUp();
  const executablePath = findChromium();
  if (!executablePath) throw new Error('this test needs Chromium: put it on PATH, or set LOCKSTEP_CHROMIUM');
  browser = await chromium.launch({
    executablePath,
    timeout: patienceMs,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
  });
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each([oldestNode, '24'])('installed on Node %s', (version) => {
  let prefix: string;
  let installed: string;
  let env: NodeJS.ProcessEnv;
  let config: string;
  let port: number;

  const lockstep = (...args: string[]) =>
    new Program(join(prefix, 'bin/lockstep'), args, { env, cwd: prefix });

  beforeAll(async () => {
    prefix = await mkdtemp(join(folder, 'prefix-'));
    // Without the network: whatever it needs is inside.
    await run('npm', ['install', '--global', '--prefix', prefix, '--offline', '--silent', tarball]);
    installed = join(prefix, 'lib/node_modules/lockstep');
    const node = version === oldestNode ? await fetchOldestNode() : process.execPath;
    const work = join(prefix, 'work');
    await mkdir(work);
    env = { PATH: [dirname(node), '/usr/bin', '/bin'].join(delimiter), HOME: work };
    port = await freePort();
    config = join(work, 'lockstep.yaml');
    const pairs = [{ name: 'real', source: 'first', target: 'second', tables: [`${schema.name}.*`] }];
    const servers = { first: server(schema.source), second: server(schema.target) };
    await writeFile(config, JSON.stringify({ servers, pairs, http: { port } }));
  });

  test('it says its version and what it can do', async () => {
    const { version: packed } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await lockstep('--version').result()).toEqual({ code: 0, stdout: `${packed}\n`, stderr: '' });
    const help = await lockstep('--help').result();
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(commandsIn(help.stdout)).toEqual(expect.arrayContaining(['serve', 'check', 'config']));
    for (const command of commandsIn(help.stdout)) {
      expect(await lockstep('help', command).result(), command).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('it examines a configuration', async () => {
    const { code, stdout } = await lockstep('config', 'check', '--config', config).result();
    expect(code).toBe(0);
    expect(stdout).toContain('source: first');
  });

  test('it verifies a pair', async () => {
    const { code, stdout, stderr } = await lockstep(
      ...['check', '--config', config, '--format', 'json'],
    ).result();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('"MATCH"');
  });

  test('it serves page, API and history, and stops when told to', async () => {
    const program = lockstep('serve', '--config', config);
    await vi.waitFor(() => expect(program.stdout).toContain('listening on'), patient);
    const address = `http://127.0.0.1:${port}`;
    const page = await browser.newPage();
    page.setDefaultTimeout(patienceMs);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${address}/`);
    await page.getByRole('link', { name: 'real' }).first().waitFor();
    await page.locator('[data-testid=connection][data-state=live]').waitFor();
    await page.goto(`${address}/settings`);
    await page.getByRole('link', { name: 'their licences' }).click();
    await page.getByText('## mysql2').waitFor();
    await page.getByText('## svelte -').waitFor();
    const graphiql = await fetch(`${address}/graphql`, { headers: { accept: 'text/html' } });
    expect([graphiql.status, complaints]).toEqual([200, []]);
    await page.close();
    program.end();
    expect(await program.result()).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(dirname(config))).toContain('lockstep.db');
  });

  test('it brings nothing that runs while it is installed, and needs nothing that it does not bring', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as object;
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['scripts']));
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['dependencies']));
    const notices = readFileSync(join(installed, 'third-party.md'), 'utf8');
    for (const name of ['mysql2', 'hono', 'graphql', 'svelte', 'uplot']) {
      expect(notices).toMatch(`## ${name} - `);
    }
  });
});

function server({ host, port, monitor }: ServerHandle) {
  return { host, port, user: monitor.user, password: monitor.password };
}

/** What a help text lists under Commands, but for `help` itself. */
function commandsIn(help: string): string[] {
  const [, list = ''] = help.split('Commands:\n');
  return [...list.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}
