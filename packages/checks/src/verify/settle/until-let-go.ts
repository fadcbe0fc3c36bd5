import type { Position } from '../../position/position.ts';
import { readWaitingCommits } from '../../position/visible.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import { ident, text } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import { sleep } from '../../time/sleep.ts';
import { knowsTransactions } from '../table/definition.ts';
import { Undecidable } from '../undecidable.ts';
import type { TableBarrier } from './barrier.ts';
import { barrierBut } from './barrier-but.ts';

/** Nobody reads of these what a statement has not written to its end. */
const readWhole = /^(myisam|mrg_myisam|aria|memory|heap|csv)$/i;

/** When it was waited for in vain once, it is not waited for as long again. */
const hopelessMs = 1000;
const firstPauseMs = 5;
const longestPauseMs = 200;

export interface OnSource {
  source: SqlServer;
  name: TableName;
  engine: string | null;
  waitMs: number;
}

/**
 * The same barrier, of a table whose engine knows no transactions: of what a statement writes there no position tells
 * when it is seen. Rows that are inserted into MyISAM beside its readers are seen when the table is let go, which is
 * after the commit: where commits wait for another replica, in whichever way, they were sent long before. Others
 * (ARCHIVE, …) show each row as it is written, and it is sent when all are. So the table must be in nobody's use.
 */
export function untilLetGo(barrier: TableBarrier, { source, name, engine, waitMs }: OnSource): TableBarrier {
  if (engine === null || knowsTransactions(engine)) return barrier;
  const openTables = `SHOW OPEN TABLES FROM ${ident(name.schema)} WHERE \`Table\` = ${text(name.table)} AND In_use > 0`;
  const isWhole = readWhole.test(engine);
  const why = isWhole
    ? `in a table of ${engine}, ${source.name} shows what it has sent only after its commit, and commits wait for another replica to acknowledge them`
    : `on ${source.name} the table is in use, and ${engine} shows what a statement writes before it is over and sent`;
  let inVain = false;

  const isHeld = async (query: QueryOptions): Promise<boolean> => {
    if (isWhole && (await readWaitingCommits(source, query)) === 0) return false;
    return (await source.query(openTables, undefined, query)).length > 0;
  };

  /** For how long it was seen to be held. */
  const letGo = async (signal: AbortSignal): Promise<number> => {
    const began = performance.now();
    let heldMs = 0;
    for (let pause = firstPauseMs; await isHeld({ signal }); pause = Math.min(longestPauseMs, pause * 1.5)) {
      heldMs = performance.now() - began;
      if (heldMs >= (inVain ? hopelessMs : waitMs)) {
        inVain = true;
        throw new Undecidable(why);
      }
      await sleep(pause, signal);
      signal.throwIfAborted();
    }
    inVain = false;
    return heldMs;
  };

  return barrierBut(barrier, {
    untilSourceHas: async (position: Position | null, signal: AbortSignal) =>
      (await barrier.untilSourceHas(position, signal)) + (await letGo(signal)),
  });
}
