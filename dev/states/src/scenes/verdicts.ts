import type {
  CellValue,
  ChangedCell,
  CheckKind,
  CheckMethod,
  DifferenceKind,
  RowDifference,
  TableResult,
  Verdict,
} from '@lockstep/checks';
import { entries } from '../entries.ts';
import type { Scene } from '../scene.ts';
import { ago, ahead, pair, result, server, table } from '../seed.ts';

type Result = Partial<Omit<TableResult, 'rows'>>;

const verdicts: Record<Verdict, Result> = {
  MATCH: {},
  DIFFERENT: {
    reason: '2 rows changed, 1 row missing on the target, 3 rows on the target only',
    differences: { missing: 1, surplus: 3, changed: 2 },
    targetRows: 80_002,
  },
  SCHEMA_DIFFERS: {
    reason: 'column email is varchar(255) on the source and varchar(100) on the target',
    schemaDifferences: [
      {
        object: 'column email',
        source: 'varchar(255) CHARACTER SET utf8mb4 NOT NULL',
        target: 'varchar(100) CHARACTER SET utf8mb3 NOT NULL',
        message: 'column email is varchar(255) on the source and varchar(100) on the target',
      },
      { object: 'index by_email', source: 'KEY (email)', target: null, message: 'index by_email is missing' },
    ],
    rowsCompared: 0,
    sourceRows: null,
    targetRows: null,
  },
  MISSING: {
    reason: 'the table is not on the target',
    schemaDifferences: [
      { object: 'table', source: 'present', target: null, message: 'the table is not on the target' },
    ],
    rowsCompared: 0,
    targetRows: null,
  },
  UNVERIFIED: {
    reason: 'the replica was stopped for longer than 10 min: what was not the same could not be settled',
    targetRows: null,
  },
  ERROR: {
    reason: "replica-b: error 1142: SELECT command denied to user 'lockstep'@'%' for table `shop`.`error`",
    rowsCompared: 0,
    sourceRows: null,
    targetRows: null,
    position: null,
  },
};

const methods: Record<CheckMethod, [CheckKind, string]> = {
  rows: ['checksum', '80,000 rows compared, all the same'],
  native: ['checksum', 'CHECKSUM TABLE says 2914027 on both sides'],
  count: ['consistency', '80,000 rows on both sides'],
};

const encodings: Record<Exclude<CellValue['encoding'], 'absent'>, [source: string, target: string]> = {
  text: ['paid', 'payed '],
  hex: ['89504e470d0a1a0a0000000d49484452', '89504e470d0a1a0a0000000d49484453'],
  masked: ['', ''],
};

const absent = value(null, { encoding: 'absent' });

const kinds: Record<DifferenceKind, Partial<RowDifference>[]> = {
  changed: [
    {
      key: { id: '500' },
      cells: entries(encodings).map(([encoding, [source, target]]) =>
        cell(encoding, value(source, { encoding }), value(target, { encoding })),
      ),
    },
    {
      key: { id: '502', region: 'eu' },
      cells: [
        cell('note', value(null), value('')),
        cell('body', value('x'.repeat(400), { truncated: true, bytes: 65_535 }), value('y')),
      ],
    },
  ],
  missing: [
    {
      key: { id: '1234' },
      columns: [],
      cells: [
        cell('email', value('eve@example.com'), absent),
        cell('note', value(null), absent),
        cell('iban', value('', { encoding: 'masked' }), absent),
      ],
    },
  ],
  surplus: [{ key: { id: '900' }, count: 3 }],
};

export const verdictsScene: Scene = {
  shows:
    'One table of every verdict by either check and method, one never verified, one being checked, and every kind of difference.',
  screens: {
    overview: { path: '/' },
    tables: { path: '/pairs/shop' },
    ...Object.fromEntries(
      Object.keys(verdicts).map((verdict) => [
        verdict.toLowerCase(),
        { path: `/pairs/shop/tables/shop/${verdict.toLowerCase()}` },
      ]),
    ),
    'never-verified': { path: '/pairs/shop/tables/shop/never_verified' },
    'no-such-table': { path: '/pairs/shop/tables/shop/gone' },
  },
  fill(engine) {
    engine.serverStates = [server('primary'), server('shop')];
    for (const [verdict, more] of entries(verdicts)) {
      const name = verdict.toLowerCase();
      engine.tableStates.push(
        table('shop', 'shop', name, {
          checksum: result('shop', 'shop', name, { verdict, ...more }),
          consistency: result('shop', 'shop', name, {
            verdict,
            ...more,
            check: 'consistency',
            method: 'count',
          }),
        }),
      );
    }
    for (const [method, [check, reason]] of entries(methods)) {
      const name = `by_${method}`;
      const only = result('shop', 'shop', name, { check, method, reason });
      engine.tableStates.push(
        table('shop', 'shop', name, {
          checksum: check === 'checksum' ? only : null,
          consistency: check === 'consistency' ? only : null,
        }),
      );
    }
    engine.tableStates.push(
      table('shop', 'shop', 'never_verified', { checksum: null, consistency: null, rowsEstimated: null }),
      table('shop', 'shop', 'checking', { checking: true }),
    );
    engine.rowsOf.set(
      'shop.different',
      entries(kinds).flatMap(([kind, rows]) => rows.map((row) => difference(kind, row))),
    );
    engine.repairText = {
      preamble: ['SET NAMES utf8mb4', 'START TRANSACTION'],
      statements: [
        "UPDATE `shop`.`different` SET `status` = 'paid' WHERE `id` = 500 AND `status` = 'payed '",
        'COMMIT',
      ],
      notes: ['3 rows on the target only are identical: all of them are deleted'],
    };
    engine.pairStates = [
      pair('shop', {
        tables: {
          total: engine.tableStates.length,
          match: 1 + Object.keys(methods).length + 1,
          different: 1,
          schemaDiffers: 1,
          missing: 1,
          unverified: 1,
          error: 1,
          pending: 1,
        },
        oldestVerification: null,
      }),
    ];
    engine.scheduleList = (['checksum', 'consistency'] as const).map((check) => ({
      pair: 'shop',
      check,
      schedule: 'every 1 h',
      window: null,
      nextRun: ahead(20),
      lastRun: ago(12),
    }));
  },
};

function difference(kind: DifferenceKind, more: Partial<RowDifference>): RowDifference {
  const round = {
    at: ago(13),
    position: '0-1-918273',
    sourceBefore: kind === 'surplus' ? null : '8f14e45fceea167a5a36dedd4bea2543',
    target: kind === 'missing' ? null : 'c9f0f895fb98ab9159f51fd0297e236d',
    sourceAfter: kind === 'surplus' ? null : '8f14e45fceea167a5a36dedd4bea2543',
  };
  return {
    kind,
    key: {},
    columns: more.cells?.map(({ column }) => column) ?? [],
    cells: [],
    count: 1,
    rounds: [round, { ...round, at: ago(12) }],
    ...more,
  };
}

function cell(column: string, source: CellValue, target: CellValue): ChangedCell {
  return { column, source, target };
}

function value(text: string | null, more: Partial<CellValue> = {}): CellValue {
  return { text, encoding: 'text', bytes: text === null ? null : text.length, truncated: false, ...more };
}
