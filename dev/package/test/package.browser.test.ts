import { readdirSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import {
  caughtUp,
  chromiumToLaunch,
  findNginx,
  freePort,
  type OwnPair,
  run,
  startNginx,
  startPair,
  type TestServer,
} from '@lockstep/servers';
import { patienceMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { oldestNode } from '../src/bundle.ts';
import { makePackage } from '../src/make-package.ts';
import { fetchOldestNode } from './oldest-node.ts';
import { Program } from './program.ts';
import { blocksOf, filled } from './readme.ts';

const chapter = 'Install, connect, serve';

let folder: string;
let tarball: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-package-'));
  [tarball, browser] = await Promise.all([
    makePackage(folder),
    chromium.launch(chromiumToLaunch()),
    fetchOldestNode(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** On a machine without it the service itself is asked: below its path it is the same. */
const foundNginx = await findNginx().catch(() => null);
/** Each on servers of its own: nobody has logged in to them before. */
const machines = [
  [oldestNode, flavours[0] ?? 'mariadb'],
  ['24', flavours.at(-1) ?? 'mariadb'],
] as const;

describe.each(machines)('installed on Node %s, with %s', (version, flavour) => {
  let prefix: string;
  let installed: string;
  let work: string;
  let env: NodeJS.ProcessEnv;
  let pair: OwnPair;

  const lockstep = (...args: string[]) =>
    new Program(join(prefix, 'bin/lockstep'), args, { env, cwd: prefix });
  const shell = (line: string, place: { env?: NodeJS.ProcessEnv; input?: string } = {}) =>
    new Program('bash', ['-c', line], { env, cwd: work, ...place });

  beforeAll(async () => {
    prefix = await mkdtemp(join(folder, 'prefix-'));
    installed = join(prefix, 'lib/node_modules/lockstep');
    work = join(prefix, 'work');
    await mkdir(work);
    const own = startPair({ flavour });
    const node = version === oldestNode ? await fetchOldestNode() : process.execPath;
    const npm = dirname((await run('which', ['npm'])).trim());
    const path = [join(prefix, 'bin'), dirname(node), '/usr/bin', '/bin', npm];
    env = { PATH: path.join(delimiter), HOME: work };
    // Without the network: whatever it needs is inside.
    const quietly = { npm_config_offline: 'true', npm_config_loglevel: 'silent' };
    await run('bash', ['-c', install()], { env: { ...env, ...quietly } });
    pair = await own;
    await pair.source.query('CREATE DATABASE shop');
    await pair.source.query('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await pair.source.query('INSERT INTO shop.orders VALUES (1), (2)');
    await caughtUp(pair.source, pair.target);
  });
  afterAll(() => pair?.remove());

  /** README's own line. */
  const install = () =>
    filled(firstLines().slice(0, 1).join(''), { '/usr/local': prefix, 'lockstep-VERSION.tgz': tarball });
  const firstLines = () => (blocksOf(chapter, 'sh')[0] ?? '').split(/^/m);

  test('it says its version and what it can do', async () => {
    const { version: packed } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await lockstep('--version').result()).toEqual({ code: 0, stdout: `${packed}\n`, stderr: '' });
    const help = await lockstep('--help').result();
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(commandsIn(help.stdout)).toEqual(expect.arrayContaining(['serve', 'check', 'config']));
    await Promise.all(
      commandsIn(help.stdout).map(async (command) => {
        expect(await lockstep('help', command).result(), command).toMatchObject({ code: 0, stderr: '' });
      }),
    );
  });

  test('a stranger gets to the page behind nginx by what README says', async () => {
    const { source, target } = pair;
    const dba = await accountOfADba(pair);
    const begin = filled(firstLines().slice(1).join(''), {
      'dba@db1.example.com': `dba@127.0.0.1:${source.port}`,
    });
    const started = await shell(`${begin}\nprintf %s "$DB_PASSWORD" > password`, {
      input: `${dba}\n`,
    }).result();
    expect([started.code, started.stderr]).toEqual([0, expect.stringContaining('2 servers, 1 pair')]);
    const DB_PASSWORD = readFileSync(join(work, 'password'), 'utf8');
    for (const server of [source, target]) {
      await runPrinted(server, started.stdout.replaceAll('…', DB_PASSWORD));
    }
    await caughtUp(source, target);

    const [examine = '', serve = ''] = (blocksOf(chapter, 'sh')[1] ?? '').split(/^/m);
    const [http = '', nginxBlock = ''] = blocksOf('Behind a proxy', 'text');
    const port = await freePort();
    const behind = filled(nginxBlock, { '127.0.0.1:8080': `127.0.0.1:${port}` });
    await using nginx = foundNginx ? await startNginx(behind) : null;
    const origin = `http://127.0.0.1:${nginx?.port ?? port}`;
    await appendFile(join(work, 'lockstep.yaml'), filled(http, { 'https://ops.example.com': origin }));
    const own = { env: { ...env, DB_PASSWORD, LOCKSTEP_HTTP__PORT: String(port) } };
    const examined = await shell(examine, own).result();
    expect(examined.stdout).toMatch(/\d+ in order, 0 to mend/);
    const { code, stdout } = await shell('lockstep config check', own).result();
    expect([code, stdout]).toEqual([0, expect.stringContaining('basePath: /lockstep')]);
    expect(await shell('lockstep check --format json', own).result()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"MATCH"') as string,
      stderr: '',
    });
    const program = shell(`exec ${serve}`, own);
    await vi.waitFor(() => expect(program.stdout).toContain('listening on'), patient);

    const page = await browser.newPage();
    page.setDefaultTimeout(patienceMs);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${origin}/lockstep/`);
    await page
      .getByRole('link', { name: `127.0.0.1:${target.port}` })
      .first()
      .waitFor();
    await page.locator('[data-testid=connection][data-state=live]').waitFor();
    await page.goto(`${origin}/lockstep/settings`);
    await page.getByRole('link', { name: 'their licences' }).click();
    await page.getByText('## mysql2').waitFor();
    await page.getByText('## svelte -').waitFor();
    const graphiql = await fetch(`${origin}/lockstep/graphql`, { headers: { accept: 'text/html' } });
    expect([graphiql.status, complaints]).toEqual([200, []]);
    await page.close();
    program.end();
    expect(await program.result()).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(work)).toContain('lockstep.db');
  });

  test('it brings nothing that runs while it is installed, and needs nothing that it does not bring', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as object;
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['scripts']));
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['dependencies']));
    const notices = readFileSync(join(installed, 'third-party.md'), 'utf8');
    const inside = ['mysql2', 'hono', 'graphql', 'svelte', 'uplot', 'openid-client', 'oauth4webapi', 'jose'];
    for (const name of [...inside, '@opentelemetry/api', '@opentelemetry/sdk-trace']) {
      expect(notices).toMatch(`## ${name} - `);
    }
  });
});

/** An account that may see replication, on both, and none of Lockstep's; resolves with its password. */
async function accountOfADba({ source, target }: OwnPair): Promise<string> {
  for (const server of [source, target]) {
    const { user } = server.monitor;
    await server.query('SET sql_log_bin = 0');
    await server.query(`DROP USER '${user}'@'127.0.0.1'`);
    await server.query('SET sql_log_bin = 1');
  }
  const sees =
    source.flavour === 'mysql'
      ? 'REPLICATION CLIENT, REPLICATION SLAVE, PROCESS'
      : 'SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN, PROCESS';
  await source.query("CREATE USER 'dba'@'127.0.0.1' IDENTIFIED BY 'Dba-1'");
  await source.query(`GRANT ${sees} ON *.* TO 'dba'@'127.0.0.1'`);
  await caughtUp(source, target);
  return 'Dba-1';
}

/** Runs on a server what is printed for it, as somebody would who pastes it. */
async function runPrinted(server: TestServer, printed: string): Promise<void> {
  const own = printed.split(/^(?=-- \S+ \()/m).find((block) => block.includes(`(127.0.0.1:${server.port})`));
  const connection = await server.connect();
  const statements = (own ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('--'));
  expect(statements.length).toBeGreaterThan(2);
  for (const statement of statements) await connection.query(statement);
  await connection.end();
}

/** What a help text lists under Commands, but for `help` itself. */
function commandsIn(help: string): string[] {
  const [, list = ''] = help.split('Commands:\n');
  return [...list.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}
