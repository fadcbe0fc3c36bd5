import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Logger } from '../log.ts';
import type { Database } from './database.ts';
import { walMagic } from './wal-magic.ts';

/** Of a write-ahead log, and of each page in it. */
const headBytes = 32;
const frameHeadBytes = 24;

/**
 * What a write-ahead log has by its own marks, before SQLite opens it: SQLite ends a log at the first page that is
 * damaged, and goes on as if nothing had come after. The number of pages up to the last end of a transaction; all of
 * them where the log's head cannot be read; 0 without a log.
 */
export function pagesInLog(file: string): number {
  let log: number;
  try {
    log = openSync(`${file}-wal`, 'r');
  } catch {
    return 0;
  }
  try {
    return lastEnd(log);
  } finally {
    closeSync(log);
  }
}

/** Says what of those pages SQLite did not find. Throws what the database says. */
export function sayLost(db: Database, pages: number, log: Logger): void {
  if (pages === 0) return;
  const found = Math.max(0, db.get<{ log: number }>('PRAGMA wal_checkpoint')?.log ?? 0);
  if (found >= pages) return;
  // What is left of it would be taken for somebody's meddling.
  db.get('PRAGMA wal_checkpoint(TRUNCATE)');
  log.error(
    { file: db.file, pages, found },
    `the log of writes beside the history is damaged: what was written last is lost, ${pages - found} of ${pages} pages; if no power failed, look at the disk`,
  );
}

function lastEnd(log: number): number {
  const { size } = fstatSync(log);
  const head = Buffer.alloc(headBytes);
  if (readSync(log, head, 0, headBytes, 0) < headBytes) return 0;
  const frameBytes = frameHeadBytes + head.readUInt32BE(8);
  const salts = head.subarray(16, 24);
  if (!walMagic.has(head.readUInt32BE()) || frameBytes < 512) return Math.ceil((size - headBytes) / 4096);
  const frame = Buffer.alloc(frameHeadBytes);
  const frames = Math.floor((size - headBytes) / frameBytes);
  let last = 0;
  for (let n = 0; n < frames; n++) {
    readSync(log, frame, 0, frameHeadBytes, headBytes + n * frameBytes);
    const endsTransaction = frame.readUInt32BE(4) !== 0;
    if (endsTransaction && frame.subarray(8, 16).equals(salts)) last = n + 1;
  }
  return last;
}
