import 'lockstep/src/small-heap.ts';
import {
  type CheckKind,
  type EngineConfig,
  type PairConfig,
  silent,
  type TableResult,
  verifyOnce,
} from '@lockstep/checks';
import { schema } from './sbtest.ts';

export interface LockstepRun {
  /** From the first table to the last verdict. */
  verifyMs: number;
  /** The same with connecting, finding the way of replication and disconnecting. */
  wholeMs: number;
  rowsDone: number;
  results: TableResult[];
}

export interface LockstepRunOptions {
  /** Default `checksum`. */
  check?: CheckKind;
  /** Aborting ends the run early, which is then no failure. */
  signal?: AbortSignal;
}

/** Verifies tables once. Rejects when the run did not finish; what it found is for the caller to judge. */
export async function lockstepRun(
  config: { engine: EngineConfig; pair: PairConfig },
  tables: string[],
  { check = 'checksum', signal = new AbortController().signal }: LockstepRunOptions = {},
): Promise<LockstepRun> {
  const results: TableResult[] = [];
  const began = performance.now();
  let running: number | null = null;
  let ended = NaN;
  const run = await verifyOnce({
    ...config,
    check,
    only: tables.map((table) => ({ schema, table })),
    signal,
    log: silent,
    onProgress: ({ state }) => {
      if (state === 'running') running ??= performance.now();
      if (state === 'finished') ended = performance.now();
    },
    onResult: (result) => results.push(result),
  });
  if (run.state !== 'finished' && !signal.aborted) throw new Error(`the run ${run.state}: ${run.evidence}`);
  return {
    verifyMs: ended - (running ?? NaN),
    wholeMs: performance.now() - began,
    rowsDone: run.progress.rowsDone,
    results,
  };
}

/** Throws unless every table matched: a measurement of anything else would mean nothing. */
export function mustMatch(results: TableResult[]): void {
  for (const { table, verdict, reason } of results) {
    if (verdict !== 'MATCH') throw new Error(`${table}: ${verdict}, though nothing differs: ${reason}`);
  }
}
