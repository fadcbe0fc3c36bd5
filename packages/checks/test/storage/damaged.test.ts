import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { TableCheckpoint } from '../../src/model/checkpoint.ts';
import type { Silence } from '../../src/model/silence.ts';
import type { MetricsStorage } from '../../src/storage/storage.ts';
import {
  alert,
  auditEntry,
  DAY,
  delivery,
  difference,
  event,
  open,
  result,
  run,
  START,
  tempFile,
} from './fixtures.ts';

const page = { limit: 10 };
const range = { from: new Date(0), to: new Date(START + DAY) };
const expiresAt = new Date(START + DAY);
const names = ['one', 'two'];

interface Kind {
  record: (of: MetricsStorage, name: string) => void;
  /** The names of those that are there. */
  read: (of: MetricsStorage) => unknown[];
}

/** By table: all that is kept as a text of its own. */
const kinds: Record<string, Kind> = {
  alert: {
    record: (of, id) => of.recordAlert(alert(id, START)),
    read: (of) => of.openAlerts().map(({ id }) => id),
  },
  audit: {
    record: (of, id) => of.recordAudit(auditEntry(id, START)),
    read: (of) => of.audit({}, page).items.map(({ id }) => id),
  },
  checkpoint: {
    record: (of, id) => of.recordCheckpoint(id, { table: id, upTo: [1] } as TableCheckpoint),
    read: (of) => names.flatMap((id) => of.checkpoint(id)?.table ?? []),
  },
  delivery: {
    record: (of, key) => of.recordDelivery(delivery(key, 'a', START)),
    read: (of) => Array.from(of.openDeliveries()).flatMap((each) => each?.key ?? []),
  },
  difference: {
    record: (of) =>
      of.recordResult(
        result('r', START, { pair: 'd', rows: names.map((id) => ({ ...difference(1), key: { id } })) }),
      ),
    read: (of) => of.differences('d', 'checksum', 'shop', 'orders', page).items.map(({ key }) => key?.['id']),
  },
  event: {
    record: (of, id) => of.recordEvent(event(id, START)),
    read: (of) => of.events('orders', range).map(({ id }) => id),
  },
  known_server: {
    record: (of, name) => of.recordServer(name, { identity: name, replaced: null }),
    read: (of) => [...of.knownServers().keys()],
  },
  result: {
    record: (of, table) => of.recordResult(result('r', START, { table })),
    read: (of) => of.results('orders').map(({ table }) => table),
  },
  run: {
    record: (of, id) => of.recordRun(run(id, START)),
    read: (of) => of.runs({}, page).items.map(({ id }) => id),
  },
  session: {
    record: (of, name) =>
      of.recordSession({
        hash: name,
        token: '',
        bound: 'b',
        expiresAt,
        person: { name, role: 'viewer' } as never,
      }),
    read: (of) => of.sessions().map(({ hash }) => hash),
  },
  silence: {
    record: (of, id) => of.recordSilence({ id, note: 'works', until: expiresAt, endedAt: null } as Silence),
    read: (of) => of.silences().map(({ id }) => id),
  },
};

test.each([
  ['is no JSON any more', (body: string) => body.replace('"', '#')],
  ['is JSON, and another noun', (body: string) => body.replace(/[a-z]/, (letter) => letter.toUpperCase())],
  ['is another value', (body: string) => body.replace(/.$/, '')],
])('a text in which a bit was turned costs its row, of whatever it is, and is said: it %s', (_, turned) => {
  const file = tempFile();
  const first = open(file);
  for (const { record } of Object.values(kinds)) for (const name of names) record(first, name);
  first.close();
  const other = new DatabaseSync(file);
  for (const table of Object.keys(kinds)) {
    const column = table === 'session' ? 'person' : 'body';
    const rows = other.prepare(`SELECT rowid AS id, ${column} AS body FROM ${table}`).all();
    const one = rows.find(({ body }) => String(body).includes('"one"'));
    if (!one) throw new Error(`${table} has no such row`);
    other
      .prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`)
      .run(turned(String(one['body'])), one['id'] as number);
  }
  other.close();

  const storage = open(file);
  const read = Object.entries(kinds).map(([table, { read }]) => [table, read(storage)]);
  expect(read).toEqual(Object.keys(kinds).map((table) => [table, ['two']]));
  const { ok, evidence } = storage.health();
  expect(ok).toBe(false);
  expect(evidence).toContain(`${Object.keys(kinds).length} of its rows are not what was written`);
});

test('pages lead on past rows that are damaged, from either end', () => {
  const file = tempFile();
  const first = open(file);
  for (let n = 0; n < 6; n++) first.recordRun(run(`r${n}`, START + n));
  first.close();
  const other = new DatabaseSync(file);
  other.exec(`UPDATE run SET body = replace(body, '"', '#') WHERE id IN ('r2', 'r3', 'r4')`);
  other.close();

  const storage = open(file);
  const forth: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { items, nextCursor } = storage.runs({}, { limit: 2, cursor: cursor ?? null });
    forth.push(...items.map(({ id }) => id));
    cursor = nextCursor;
  }
  expect(forth).toEqual(['r5', 'r1', 'r0']);
  const back: string[] = [];
  for (let before: string | null | undefined; before !== null;) {
    const { items, previousCursor } = storage.runs({}, { limit: 2, before: before ?? null, fromEnd: true });
    back.unshift(...items.map(({ id }) => id));
    before = previousCursor;
  }
  expect(back).toEqual(forth);
  // An item's cursor is its own, whatever was left out before it.
  const [r1] = storage.runs({}, { limit: 5 }).cursors.slice(1);
  expect(storage.runs({}, { limit: 5, cursor: r1! }).items.map(({ id }) => id)).toEqual(['r0']);
});

test('texts of before, without a checksum, are believed', () => {
  const file = tempFile();
  const first = open(file);
  first.recordAlert(alert('a', START));
  first.close();
  const other = new DatabaseSync(file);
  const row = other.prepare('SELECT body FROM alert').get();
  other.prepare('UPDATE alert SET body = ?').run(String(row?.['body']).replace(/,"#":\d+\}$/, '}'));
  other.close();
  const storage = open(file);
  expect(storage.openAlerts()).toEqual([alert('a', START)]);
  expect(storage.health().ok).toBe(true);
});
