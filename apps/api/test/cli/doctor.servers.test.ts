import { join } from 'node:path';
import {
  createFreshSchema,
  type FreshSchema,
  type OwnPair,
  type ServerHandle,
  startPair,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { writeFiles } from '../config/write.ts';
import { cli } from './run.ts';

const server = ({ host, port, monitor }: ServerHandle, more: object = {}) =>
  JSON.stringify({ host, port, user: monitor.user, password: monitor.password, ...more });

function configure(
  { source, target, name }: FreshSchema,
  more: object = {},
  both: object = {},
  overrides: object[] = [],
): string {
  const text = `servers: { first: ${server(source, both)}, second: ${server(target, { ...both, ...more })} }
pairs: [{ name: real, source: first, target: second, tables: { include: ['${name}.*'], overrides: ${JSON.stringify(overrides)} } }]
connection: { attempts: 1, firstDelay: 100ms }
`;
  return join(writeFiles({ 'lockstep.yaml': text }), 'lockstep.yaml');
}

interface Answer {
  examined: {
    name: string;
    findings: { topic: string; mark: string; evidence: string; mend: string | null }[];
  }[];
}

async function examine(file: string) {
  const { code, stdout } = await cli(['doctor', '--config', file, '--format', 'json']);
  const { examined } = JSON.parse(stdout) as Answer;
  const of = (name: string, topic: string) =>
    examined.find((each) => each.name === name)?.findings.find((finding) => finding.topic === topic);
  return { code, of };
}

/** As `examine`, once the lag is known: one look on a busy machine may not know it. */
function examineKnown(file: string): ReturnType<typeof examine> {
  return vi.waitFor(async () => {
    const examined = await examine(file);
    expect(examined.of('real', 'replication')).toMatchObject({ mark: 'good' });
    return examined;
  }, patient);
}

describe.each(flavours)('%s: lockstep doctor', (flavour) => {
  // Of its own: what the shared servers are set to, and let the account do, is other tests' as well.
  let pair: OwnPair;
  beforeAll(async () => void (pair = await startPair({ flavour })));
  afterAll(() => pair.remove());

  test('finds in order what is, by the documented privileges', async () => {
    const schema = await createFreshSchema(pair);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    const { of } = await examineKnown(configure(schema));
    const server = ['reach', 'version', 'TLS', 'proxy', 'privileges', 'clock', 'role'];
    for (const topic of [...server, 'binary log', 'binlog format', 'row image', 'retention', 'semi-sync']) {
      expect(of('first', topic), topic).toMatchObject({ mark: 'good' });
    }
    for (const topic of ['replication', 'positions', 'tables', 'time zone']) {
      expect(of('real', topic), topic).toMatchObject({ mark: 'good' });
    }
    expect(of('real', 'masks')).toBeUndefined();
    const wrong = [{ match: `${schema.name}.*`, maskColumns: ['emial', 'ID'] }];
    expect((await examine(configure(schema, {}, {}, wrong))).of('real', 'masks')).toMatchObject({
      mark: 'bad',
      evidence: expect.stringContaining('names emial, and no column') as string,
    });
    expect(of('second', 'role')).toMatchObject({
      mark: 'doubt',
      mend: expect.stringContaining('read_only') as string,
    });
    expect(of('second', 'binlog format')).toBeUndefined();
  });

  test('says what mends what is not', async () => {
    const schema = await createFreshSchema(pair);
    const { source, target } = schema;
    const format = flavour === 'mariadb' ? 'binlog_format' : null;
    await source.query("SET GLOBAL binlog_row_image = 'MINIMAL'");
    if (format) await source.query(`SET GLOBAL ${format} = 'STATEMENT'`);
    try {
      const { code, of } = await examine(configure(schema));
      expect(code).toBe(1);
      expect(of('first', 'row image')).toMatchObject({
        mark: 'doubt',
        mend: "SET GLOBAL binlog_row_image = 'FULL'",
      });
      if (format) {
        expect(of('first', 'binlog format')).toMatchObject({
          mark: 'bad',
          mend: "SET GLOBAL binlog_format = 'ROW'",
        });
      }
      expect(of('real', 'tables')).toMatchObject({
        mark: 'bad',
        evidence: `${schema.name}.* fits no table that the account may see`,
      });
    } finally {
      await source.query("SET GLOBAL binlog_row_image = 'FULL'");
      if (format) await source.query(`SET GLOBAL ${format} = 'ROW'`);
    }
    const root = { user: 'root', password: target.rootPassword };
    const { of } = await examine(configure(schema, root));
    expect(of('second', 'privileges')).toMatchObject({
      mark: 'doubt',
      evidence: expect.stringContaining('may do more') as string,
    });
    const dead = await examine(configure(schema, { port: 1 }));
    expect(dead.code).toBe(1);
    expect(dead.of('second', 'reach')).toMatchObject({
      mark: 'bad',
      evidence: expect.stringContaining('connection refused') as string,
    });
    expect(dead.of('real', 'replication')).toMatchObject({ mark: 'doubt' });
  });

  test('of errant transactions of many writers it lists the first, and on MySQL counts all', async () => {
    await using own = await startPair({ flavour });
    const schema = await createFreshSchema(own);
    const session = await own.target.connect();
    await session.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    for (let writer = 100; writer < 200; writer++) {
      const statements =
        flavour === 'mysql'
          ? [`SET GTID_NEXT = '00000${writer}-0000-0000-0000-000000000000:1'`, 'COMMIT']
          : [`SET gtid_domain_id = ${writer}`, `INSERT INTO ${schema.sql}.t VALUES (${writer})`];
      for (const statement of statements) await session.query(statement);
    }
    await session.end();
    const { of } = await examineKnown(configure(schema));
    const { mark, evidence = '' } = of('real', 'errant transactions') ?? {};
    expect(mark).toBe('bad');
    const counted =
      flavour === 'mysql'
        ? /^the target has 101 transactions that .*…$/
        : /^the target has transactions that .*…$/;
    expect(evidence).toMatch(counted);
    expect(evidence.length).toBeLessThan(1_200);
  });

  test('looks at one server alone, and reads as text', async () => {
    const { source } = await createFreshSchema(pair);
    const { user, password } = source.monitor;
    const args = ['doctor', '--host', `127.0.0.1:${source.port}`, '--user', user];
    const { stdout } = await cli(args, { env: { MYSQL_PWD: password } });
    expect(stdout).toMatch(/^127\.0\.0\.1:\d+ {2}127/);
    expect(stdout).toContain('  ✓ reach ');
    expect(stdout).toMatch(/\d+ in order, 0 to mend, \d+ not known or worth a look\.\n$/);
  });
});

describe.each(flavours)('%s: lockstep grants', (flavour) => {
  test('prints what an account needs, and with no more than that the doctor misses nothing', async () => {
    const schema = await freshSchema(flavour);
    const { source, target } = schema;
    await source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    const { code, stdout } = await cli(['grants', '--config', configure(schema), '--from', '127.0.0.1']);
    expect(code).toBe(0);
    const blocks = stdout.split(/^-- (?=first|second)/m).filter((block) => block !== '');
    expect(blocks).toHaveLength(2);
    for (const [index, at] of [source, target].entries()) {
      const made = (blocks[index] ?? '')
        .split('\n')
        .slice(1)
        .filter((line) => line !== '' && !line.startsWith('--'))
        .map((line) => line.replaceAll(`'${at.monitor.user}'`, `'grantee'`).replace('…', 'Pass-word-1'));
      const root = await at.connect();
      await root.query('SET sql_log_bin=0');
      for (const statement of made) await root.query(statement);
      await root.end();
    }
    try {
      const { of } = await examineKnown(configure(schema, {}, { user: 'grantee', password: 'Pass-word-1' }));
      for (const each of ['first', 'second']) expect(of(each, 'privileges')).toMatchObject({ mark: 'good' });
      for (const each of ['replication', 'positions', 'tables']) {
        expect(of('real', each), each).toMatchObject({ mark: 'good' });
      }
    } finally {
      for (const at of [source, target]) {
        const root = await at.connect();
        await root.query('SET sql_log_bin=0');
        await root.query("DROP USER 'grantee'@'127.0.0.1'");
        await root.end();
      }
    }
  });

  test('knows before there is an account what a server is, and keeps a replica free of transactions of its own', async () => {
    const schema = await freshSchema(flavour);
    const file = configure(schema, {}, { user: 'not_there_yet', password: 'x' });
    const { stdout } = await cli(['grants', '--config', file]);
    const { of } = await examine(file);
    const [, first = '', second = ''] = stdout.split(/^-- (?=first|second)/m);
    for (const block of [first, second]) {
      expect(block).toContain(
        `${flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${schema.source.version.join('.')}`,
      );
      expect(block).toContain('access denied for not_there_yet');
      expect(block.match(/CREATE USER/g)).toHaveLength(1);
    }
    expect(first).not.toContain('sql_log_bin');
    const [, kept = ''] = /^(SET SESSION sql_log_bin = .*);\nCREATE USER/m.exec(second) ?? [];
    const root = await schema.target.connect();
    await root.query(kept);
    expect((await root.query('SELECT @@sql_log_bin AS logs'))[0]).toEqual([{ logs: 0 }]);
    await root.end();
    expect(of('first', 'reach')).toMatchObject({
      mark: 'bad',
      mend: expect.stringContaining('lockstep grants') as string,
    });
  });

  test('prints both flavours for a server that cannot be asked', async () => {
    const schema = await freshSchema(flavour);
    const { stdout } = await cli(['grants', '--config', configure(schema, { port: 1 })]);
    const [, dead = ''] = stdout.split('-- second');
    expect(dead).toContain('connection refused');
    expect(dead).toContain('-- if it is MySQL 8.0 and later:');
    expect(dead).toContain('GRANT SLAVE MONITOR ON *.* TO');
  });
});
