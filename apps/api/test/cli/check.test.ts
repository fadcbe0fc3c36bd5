import { addAbortListener } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type {
  RepairText,
  RowDifference,
  Run,
  RunState,
  TableResult,
  UnfinishedCheck,
  Verdict,
  VerifyOnceOptions,
} from '@lockstep/checks';
import { describe, expect, test } from 'vitest';
import type { Verify } from '../../src/cli/check.ts';
import { MINIMAL, writeFiles } from '../config/write.ts';
import { cli } from './run.ts';

// What the report makes of results; that the results are true is tested on real servers.

function result(table: string, verdict: Verdict, more: Partial<TableResult> = {}): TableResult {
  return {
    pair: 'db1-db2',
    check: 'checksum',
    schema: 'shop',
    table,
    verdict,
    reason: `because ${table}`,
    method: 'rows',
    runId: 'r',
    startedAt: new Date(0),
    finishedAt: new Date(1000),
    rowsCompared: 123,
    sourceRows: 123,
    targetRows: 123,
    chunks: 1,
    position: null,
    differences: { missing: 0, surplus: 0, changed: 0 },
    schemaDifferences: [],
    rows: [],
    ...more,
  };
}

function row(kind: RowDifference['kind'], key: RowDifference['key'], columns: string[] = []): RowDifference {
  return { kind, key, columns, cells: [], count: 1, rounds: [] };
}

const repair: RepairText = {
  preamble: ['SET NAMES utf8mb4'],
  statements: ['DELETE FROM `shop`.`t` WHERE `id` = 1 LIMIT 1'],
  notes: ['a note\nDROP TABLE t;'],
};

function verifier(
  results: TableResult[],
  state: RunState = 'finished',
  evidence = 'done',
  ended: Partial<Run> = {},
) {
  const requests: VerifyOnceOptions[] = [];
  const verify: Verify = (request) => {
    requests.push(request);
    const run: Run = {
      id: 'r',
      pair: request.pair.name,
      check: 'checksum',
      state: 'running',
      evidence: 'comparing',
      trigger: 'cli',
      only: null,
      startedAt: new Date(0),
      finishedAt: null,
      progress: {
        tablesDone: 1,
        tablesTotal: 4,
        chunksDone: 3,
        rowsDone: 500,
        rowsEstimated: 1000,
        rowsPerSecond: 12_000,
        remainingMs: 4200,
        current: 'shop.orders',
      },
      verdicts: {},
    };
    request.onProgress(run);
    for (const each of results) request.onResult(each);
    for (const each of results) if (each.verdict === 'DIFFERENT') request.onRepair?.(each, repair);
    return Promise.resolve({ ...run, state, evidence, ...ended });
  };
  return { verify, requests };
}

const config = () => join(writeFiles({ 'lockstep.yaml': MINIMAL }), 'lockstep.yaml');

describe('the exit code', () => {
  test.for<[number, Verdict[]]>([
    [0, ['MATCH', 'MATCH']],
    [1, ['MATCH', 'DIFFERENT']],
    [1, ['SCHEMA_DIFFERS']],
    [1, ['MISSING']],
    [1, ['UNVERIFIED', 'DIFFERENT', 'ERROR']],
    [2, ['MATCH', 'UNVERIFIED']],
    [2, ['ERROR', 'MATCH']],
    [2, []],
  ])('is %i for %j', async ([code, verdicts]) => {
    const { verify } = verifier(verdicts.map((verdict, index) => result(`t${index}`, verdict)));
    expect((await cli(['check', '-c', config()], { verify })).code).toBe(code);
  });

  test('is 2 where a mask fits no column, though everything matches', async () => {
    const { verify } = verifier([result('t', 'MATCH', { unfitMasks: ['emial'] })]);
    expect((await cli(['check', '-c', config()], { verify })).code).toBe(2);
  });

  test('is 2 when a run failed, though what it reached matches', async () => {
    const { verify } = verifier([result('t', 'MATCH')], 'failed', 'db2 cannot be reached');
    const { code, stdout } = await cli(['check', '-c', config()], { verify });
    expect(code).toBe(2);
    expect(stdout).toContain('db2 cannot be reached');
  });
});

test('an error that nobody expected is not taken for a difference', async () => {
  const verify: Verify = () => Promise.reject(new Error('a bug'));
  const { code, stdout, stderr } = await cli(['check', '-c', config(), '--format', 'json'], { verify });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('unexpected error: Error: a bug');
});

test('what was compared is told though its state cannot be kept any more', async () => {
  const file = config();
  const state = join(writeFiles({ 'state.json': '' }), 'folder', 'state.json');
  mkdirSync(dirname(state));
  const of = (differing: Verdict, ended: RunState) => {
    const { verify } = verifier([result('t', differing)], ended);
    return (asked: VerifyOnceOptions) => {
      rmSync(dirname(state), { recursive: true });
      asked.onLeft?.(
        () => ({ run: {}, done: [], checkpoint: null, results: [] }) as unknown as UnfinishedCheck,
      );
      return verify(asked);
    };
  };
  const args = ['check', '-c', file, '--state', state];
  const done = await cli(args, { verify: of('DIFFERENT', 'finished') });
  expect(done.code).toBe(1);
  expect(done.stdout).toContain('shop.t');
  expect(done.stderr.match(/--state .* could not be written: ENOENT/g)).toHaveLength(1);

  mkdirSync(dirname(state));
  const cut = await cli([...args, '--run-time', '1ms'], {
    verify: async (asked) => {
      await new Promise<void>((resolve) => addAbortListener(asked.enough!, () => resolve()));
      return of('MATCH', 'cancelled')(asked);
    },
  });
  expect(cut.code).toBe(2);
  expect(cut.stdout).toContain('shop.t');
  expect(cut.stderr).toContain('could not be written: ENOENT');
  expect(cut.stderr).toContain('What it was to go on from could not be written');
});

describe('the JSON report', () => {
  test('is one object of the promised shape', async () => {
    const { verify } = verifier([
      result('fine', 'MATCH'),
      result('customers', 'DIFFERENT', {
        reason: 'four rows',
        differences: { missing: 1, surplus: 1, changed: 2 },
        rows: [
          row('changed', { id: '5000' }, ['status']),
          row('missing', { id: '9007199254740993', region: 'eu' }),
        ],
      }),
    ]);
    const { stdout, stderr } = await cli(['check', '-c', config(), '--format', 'json'], { verify });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      pairs: [
        {
          pair: 'db1-db2',
          tables: [
            {
              schema: 'shop',
              table: 'customers',
              verdict: 'DIFFERENT',
              reason: 'four rows',
              rowsCompared: 123,
              differences: { missing: 1, surplus: 1, changed: 2 },
              rows: [
                { kind: 'changed', key: { id: '5000' }, columns: ['status'] },
                { kind: 'missing', key: { id: '9007199254740993', region: 'eu' }, columns: [] },
              ],
            },
            {
              schema: 'shop',
              table: 'fine',
              verdict: 'MATCH',
              reason: 'because fine',
              rowsCompared: 123,
              differences: { missing: 0, surplus: 0, changed: 0 },
              rows: [],
            },
          ],
        },
      ],
    });
  });

  test('moves no cursor and turns no line around on a terminal, and says the same', async () => {
    const table = 'a\u009b31m\u202eb\u2066';
    const { verify } = verifier([result(table, 'MATCH')]);
    const { stdout } = await cli(['check', '-c', config(), '--format', 'json'], { verify });
    expect(stdout).toContain(String.raw`"a\u009b31m\u202eb\u2066"`);
    expect(JSON.parse(stdout)).toMatchObject({ pairs: [{ tables: [{ table }] }] });
  });

  test('is on standard output alone; why a run failed is on standard error', async () => {
    const { verify } = verifier([], 'failed', 'db1 cannot be reached: connection refused');
    const { code, stdout, stderr } = await cli(['check', '-c', config(), '--format', 'json'], { verify });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ pairs: [{ pair: 'db1-db2', tables: [] }] });
    expect(stderr).toBe('db1-db2: db1 cannot be reached: connection refused\n');
  });
});

describe('the text report', () => {
  test('lists the worst first, with the rows that differ', async () => {
    const rows = Array.from({ length: 12 }, (_, index) => row('changed', { id: String(index) }, ['a', 'b']));
    const { verify } = verifier([
      result('a', 'MATCH', { rowsCompared: 1_234_567 }),
      result('b', 'UNVERIFIED'),
      result('c', 'DIFFERENT', { differences: { missing: 0, surplus: 0, changed: 15 }, rows }),
      result('d', 'MISSING'),
    ]);
    const { stdout } = await cli(['check', '-c', config()], { verify });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('db1-db2: db1 → db2  1 different, 1 missing, 1 unverified, 1 match');
    expect(lines.filter((line) => /^ {2}\S/.test(line))).toEqual([
      '  ✕ different       shop.c  because c',
      '  ✕ missing         shop.d  because d',
      '  ? unverified      shop.b  because b',
      '  ✓ match           shop.a  1,234,567 rows compared',
    ]);
    expect(lines[2]).toBe('      changed  id=0  (a, b)');
    expect(lines).toContain('      … and 5 more');
  });

  test('shows control characters of data as such', async () => {
    const { verify } = verifier([
      result('t', 'DIFFERENT', { rows: [row('missing', { id: '\u001b[2Jgone\n' })] }),
    ]);
    const { stdout } = await cli(['check', '-c', config()], { verify });
    expect(stdout).toContain('id=\\u001b[2Jgone\\u000a');
    expect(stdout).not.toContain('\u001b');
  });

  test('says so when there was nothing to compare', async () => {
    const { verify } = verifier([], 'finished', 'no table to compare');
    const { code, stdout } = await cli(['check', '-c', config()], { verify });
    expect(code).toBe(2);
    expect(stdout).toContain('? no table to compare');
  });
});

test('a pattern that fits no table is named, and not passed over', async () => {
  const evidence = '1 MATCH; no table that the account may see fits shpo.*';
  const { verify } = verifier([result('t', 'MATCH')], 'finished', evidence, { unmatched: ['shpo.*'] });
  const { code, stdout } = await cli(['check', '-c', config()], { verify });
  expect(code).toBe(2);
  expect(stdout).toContain(`? ${evidence}`);
});

describe('the repair', () => {
  const named = (table: string) => result(table, 'DIFFERENT', { reason: 'one row\u2028more' });

  test('is made for nobody who did not ask', async () => {
    const { verify, requests } = verifier([named('t')]);
    const { stdout } = await cli(['check', '-c', config(), '--format', 'json'], { verify });
    expect(stdout).not.toContain('repair');
    expect(requests[0]).not.toHaveProperty('onRepair');
  });

  test('is in the JSON of tables with differences', async () => {
    const { verify } = verifier([result('fine', 'MATCH'), named('t')]);
    const args = ['check', '-c', config(), '--format', 'json', '--print-repair'];
    const { stdout } = await cli(args, { verify });
    const { pairs } = JSON.parse(stdout) as { pairs: { tables: { table: string; repair?: object }[] }[] };
    expect(pairs[0]?.tables.map((table) => [table.table, table.repair])).toEqual([
      ['t', repair],
      ['fine', undefined],
    ]);
  });

  test('makes a script of the whole text report, in which nothing but statements stands outside comments', async () => {
    const { verify } = verifier([
      result('fine', 'MATCH'),
      named('t\nDROP TABLE a;\r\nDROP TABLE b;\u0085\u2028DROP TABLE c;'),
    ]);
    const { stdout } = await cli(['check', '-c', config(), '--print-repair'], { verify });
    const lines = stdout.split(/[\n\r\u0085\u2028\u2029\v\f]/);
    expect(lines.filter((line) => line !== '' && !line.startsWith('-- '))).toEqual([
      'SET NAMES utf8mb4;',
      'DELETE FROM `shop`.`t` WHERE `id` = 1 LIMIT 1;',
    ]);
    expect(lines[0]).toBe('-- db1-db2: db1 → db2  1 different, 1 match');
    expect(stdout).toMatch(
      /^-- Repair of shop\.`t\\u\{a\}DROP .*, pair db1-db2\n-- to be run on db2 \(.*:3306\)\n-- made \d{4}-.*Lockstep never runs it/m,
    );
    expect(stdout).toContain('\n-- SET SESSION sql_log_bin = 0;\n');
    expect(stdout).toContain('\n-- a note\\u000aDROP TABLE t;\n');
  });

  test('is nothing to run on a terminal that would obey a name in it, and as it is in a file', async () => {
    const { verify } = verifier([named('a\u009b31m')]);
    const args = ['check', '-c', config(), '--print-repair'];
    const statement = 'DELETE FROM `shop`.`t\u009b31m\u202e` WHERE `id` = 1 LIMIT 1';
    const hostile: typeof verify = (request) =>
      verify({
        ...request,
        onRepair: (of, made) => request.onRepair?.(of, { ...made, statements: [statement] }),
      });
    const inFile = await cli(args, { verify: hostile });
    expect(inFile.stdout).toContain(`\n${statement};\n`);
    const { stdout } = await cli(args, { verify: hostile, onTerminal: true });
    expect(stdout).not.toMatch(/[\u009b\u202e]/);
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('-- '))).toEqual([]);
    expect(stdout).toContain('`t\\u009b31m\\u202e`');
    const usual = await cli(args, { verify, onTerminal: true });
    expect(usual.stdout).toContain('\nDELETE FROM `shop`.`t` WHERE `id` = 1 LIMIT 1;\n');
  });
});

describe('progress', () => {
  test('is shown where standard error is a terminal', async () => {
    const { verify } = verifier([result('t', 'MATCH')]);
    const { stdout, stderr } = await cli(['check', '-c', config()], { verify, terminal: true });
    expect(stderr).toContain('db1-db2: 1 of 4 tables · 50 % · 12K rows/s · about 5 s left · shop.orders');
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
    expect(stdout).not.toContain('\u001b');
  });

  test('is not shown elsewhere', async () => {
    const { verify } = verifier([result('t', 'MATCH')]);
    expect((await cli(['check', '-c', config()], { verify })).stderr).toBe('');
  });
});

describe('what is checked', () => {
  const three = `${MINIMAL}  - {name: b, source: db2, target: db1}\n  - {name: c, source: db1, target: db2}\n`;
  const file = () => join(writeFiles({ 'lockstep.yaml': three }), 'lockstep.yaml');

  test('is every pair and all their tables, when nothing else is said', async () => {
    const { verify, requests } = verifier([]);
    await cli(['check', '-c', file()], { verify });
    expect(requests.map(({ pair, only }) => [pair.name, only])).toEqual([
      ['db1-db2', null],
      ['b', null],
      ['c', null],
    ]);
  });

  test('are the pairs and tables that are asked for', async () => {
    const { verify, requests } = verifier([]);
    await cli(
      ['check', '-c', file(), '--pair', 'c', '--pair', 'b', '--table', 'shop.a', '--table', '`x.y`.`z`'],
      {
        verify,
      },
    );
    const only = [
      { schema: 'shop', table: 'a' },
      { schema: 'x.y', table: 'z' },
    ];
    expect(requests.map((request) => [request.pair.name, request.only])).toEqual([
      ['b', only],
      ['c', only],
    ]);
  });

  test('is content, or row counts when that is asked for', async () => {
    const { verify, requests } = verifier([]);
    await cli(['check', '-c', config()], { verify });
    await cli(['check', '-c', config(), '--check', 'consistency'], { verify });
    expect(requests.map((request) => request.check)).toEqual(['checksum', 'consistency']);
    const { code, stderr } = await cli(['check', '-c', config(), '--check', 'rows'], { verify });
    expect(code).toBe(3);
    expect(stderr).toContain('Allowed choices are checksum, consistency');
  });

  test('must exist: an unknown pair is refused', async () => {
    const { verify, requests } = verifier([]);
    const { code, stderr } = await cli(['check', '-c', file(), '--pair', 'db1-db'], { verify });
    expect([code, stderr]).toEqual([3, '--pair db1-db: no such pair; did you mean "db1-db2"?\n']);
    expect(requests).toEqual([]);
  });

  test('must be a table: a bare name is refused', async () => {
    const { verify } = verifier([]);
    const { code, stderr } = await cli(['check', '-c', file(), '--table', 'orders'], { verify });
    expect(code).toBe(3);
    expect(stderr).toContain('--table orders: not a table name: "orders"; write schema.table');
  });
});

describe('--state', () => {
  test('is needed where a check has a run time, and has to be what a check has left', async () => {
    const none = await cli(['check', '-c', config(), '--run-time', '2h']);
    expect([none.code, none.stderr]).toEqual([
      3,
      '--run-time goes with --state FILE, where the next call finds what was compared\n',
    ]);
    const file = join(writeFiles({ 'other.json': '{"name": "something"}' }), 'other.json');
    const other = await cli(['check', '-c', config(), '--state', file]);
    expect(other.code).toBe(3);
    expect(other.stderr).toContain(`--state ${file}: this is not what a check has left`);
    const nowhere = await cli(['check', '-c', config(), '--state', '/nowhere/state']);
    expect(nowhere.code).toBe(3);
  });
});
