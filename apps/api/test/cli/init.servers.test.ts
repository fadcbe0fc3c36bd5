import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { caughtUp, replicate, startServer, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { formatProblem, loadConfig } from '../../src/config/index.ts';
import { writeFiles } from '../config/write.ts';
import { cli } from './run.ts';

const password = 'Walker-1';

/** An account that may see replication, made on the first and replicated to the others. */
async function makeWalker(server: TestServer): Promise<void> {
  const sees =
    server.flavour === 'mysql'
      ? 'REPLICATION CLIENT, REPLICATION SLAVE, PROCESS'
      : 'SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN, PROCESS';
  await server.query(`CREATE USER 'walker'@'127.0.0.1' IDENTIFIED BY '${password}'`);
  await server.query(`GRANT ${sees} ON *.* TO 'walker'@'127.0.0.1'`);
}

describe.each(flavours)('%s: lockstep init', (flavour) => {
  test('finds a ring, a relay, a wrong report_host, and a server that refuses the login', async () => {
    const options = [[], ['--report-host=nowhere.invalid'], [], []];
    const started = await Promise.all(options.map((more) => startServer({ flavour, options: more })));
    const [a, relay, leaf, refuses] = started as [TestServer, TestServer, TestServer, TestServer];
    try {
      await makeWalker(a);
      await replicate(relay, a);
      await replicate(leaf, relay);
      await replicate(refuses, a);
      await replicate(a, relay);
      for (const replica of [relay, leaf, refuses]) await caughtUp(a, replica);
      const root = await refuses.connect();
      await root.query('SET sql_log_bin=0');
      await root.query("DROP USER 'walker'@'127.0.0.1'");
      await root.end();

      const folder = writeFiles({});
      const file = join(folder, 'lockstep.yaml');
      const at = ({ port }: TestServer) => `127.0.0.1:${port}`;
      const args = ['--from', `walker@${at(leaf)}`];
      const env = { MYSQL_PWD: password };
      const ran = await cli(['init', ...args, '--output', file], { env });
      expect(ran.stderr).toContain(`${file} was written: 4 servers, 4 pairs`);
      expect(ran.code).toBe(2);
      const loaded = loadConfig(file, { DB_PASSWORD: 'x' });
      if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
      expect(loaded.config.engine.pairs.map(({ source, target }) => `${source} ${target}`).sort()).toEqual(
        [
          [a, relay],
          [relay, a],
          [relay, leaf],
          [a, refuses],
        ]
          .map((pair) => pair.map((each) => at(each)).join(' '))
          .sort(),
      );
      const text = readFileSync(file, 'utf8');
      expect(text).toContain('It could not be asked: access denied for walker');
      expect(text).toContain("CREATE USER IF NOT EXISTS 'lockstep'@'%' IDENTIFIED BY '…';");
      expect(text).not.toContain(password);

      const again = await cli(['init', ...args, '--output', file], { env });
      expect(again.code).toBe(3);
      expect(again.stderr).toContain('it is there already, and is not overwritten');
      expect(readFileSync(file, 'utf8')).toBe(text);

      // One look on a busy machine may not know the lag.
      await vi.waitFor(async () => {
        const drawn = await cli(['topology', ...args], { env });
        expect(drawn.code).toBe(0);
        expect(drawn.stdout).toMatch(new RegExp(`[├└]─ ${at(leaf)} `));
        expect(drawn.stdout).toContain('(see above)');
        expect(drawn.stdout).toMatch(/0 s {2}in-sync/);
      }, patient);
    } finally {
      await Promise.all(started.map((server) => server.remove()));
    }
  });
});

test('nothing is written where the first server cannot be reached', async () => {
  const file = join(writeFiles({}), 'lockstep.yaml');
  const ran = await cli(['init', '--from', '127.0.0.1:1', '--user', 'u', '--output', file]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('was not reached: connection refused');
  expect(existsSync(file)).toBe(false);
});
