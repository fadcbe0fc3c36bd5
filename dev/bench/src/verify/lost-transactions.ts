import { caughtUp } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { type Figure, plainFigure, printFigures } from '../report/figure.ts';
import { mean, median } from '../report/statistics.ts';
import { percent, perSecond, seconds } from '../report/units.ts';
import { lockstepRun } from './lockstep-run.ts';
import type { PtTableChecksum } from './pt-table-checksum.ts';
import { schema } from './sbtest.ts';
import type { VerificationPair } from './verification-pair.ts';
import type { WriteLoad } from './write-load.ts';

export interface LostTransactionsOptions {
  tables: string[];
  rounds: number;
  /** Of one window. */
  seconds: number;
  load: WriteLoad;
  pt: PtTableChecksum | { because: string };
}

interface Window {
  /** Transactions per second on the source. */
  rate: number;
  /** How long the target needed to catch up when it was over. */
  behindMs: number;
  /** Rows verified per second. */
  verified: number;
}

/** Something that verifies again and again; resolves, soon after the signal, with the rows it went over. */
type Verifier = (signal: AbortSignal) => Promise<number>;

/** What verifying without end costs a source that is written to as fast as it goes: in windows, taken in turns. */
export async function lostTransactions(
  servers: VerificationPair,
  options: LostTransactionsOptions,
  say: Say,
): Promise<void> {
  const { tables, rounds, load, pt } = options;
  const verifiers: Record<string, Verifier> = {
    nothing: () => Promise.resolve(0),
    Lockstep: (signal) => verifyUntil(servers, tables, signal),
    ...('run' in pt && { 'pt-table-checksum': (signal) => checksumUntil(servers, pt, tables, signal) }),
  };
  const windows = new Map<string, Window[]>(Object.keys(verifiers).map((name) => [name, []]));
  say(`${servers.name}: ${rounds} rounds of ${windows.size} windows of ${options.seconds} s: ${load.name} …`);
  for (let round = 0; round < rounds; round++) {
    // Each begins a round in its turn, so that no drift favours one.
    const names = [...windows.keys()];
    for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
      windows.get(name)?.push(await window(servers, load, options.seconds, verifiers[name] as Verifier));
    }
  }

  const idle = median((windows.get('nothing') ?? []).map(({ rate }) => rate));
  const loss = (name: string) => 1 - median((windows.get(name) ?? []).map(({ rate }) => rate)) / idle;
  const figures: Figure[] = [];
  for (const [name, list] of windows) {
    const rates = list.map(({ rate }) => rate);
    const range = `${Math.round(Math.min(...rates))}–${Math.round(Math.max(...rates))}`;
    figures.push(
      plainFigure(`while ${name} runs: transactions (median; ${range})`, perSecond(median(rates))),
      plainFigure('  target behind at the end', seconds(median(list.map(({ behindMs }) => behindMs)))),
    );
    if (name === 'nothing') continue;
    figures.push(plainFigure('  rows verified', perSecond(mean(list.map(({ verified }) => verified)))));
    if (name !== 'Lockstep') figures.push(plainFigure('  transactions lost', percent(loss(name))));
  }
  const ours = loss('Lockstep');
  const limit = 'run' in pt ? Math.max(0, loss('pt-table-checksum')) / 2 : null;
  figures.push({
    what: 'transactions lost by Lockstep',
    value: percent(ours),
    target: limit === null ? null : { text: `≤ ${percent(limit)}, half of its peer's`, met: ours <= limit },
  });
  printFigures(`${servers.name}: the source under ${load.name}`, figures);
  if ('because' in pt) console.log(`  no comparison: ${pt.because}`);
}

async function window(
  { pair }: VerificationPair,
  load: WriteLoad,
  windowSeconds: number,
  verifier: Verifier,
): Promise<Window> {
  await caughtUp(pair.source, pair.target, 600);
  const stop = new AbortController();
  const began = performance.now();
  const verifying = verifier(stop.signal);
  // Heard below; until then a failure has nobody to hear it.
  verifying.catch(() => undefined);
  try {
    const rate = await load.run(windowSeconds);
    const ended = performance.now();
    stop.abort();
    const rows = await verifying;
    const waited = performance.now();
    await caughtUp(pair.source, pair.target, 600);
    return {
      rate,
      behindMs: performance.now() - waited,
      verified: rows / ((ended - began) / 1000),
    };
  } finally {
    stop.abort();
  }
}

async function verifyUntil(
  { config }: VerificationPair,
  tables: string[],
  signal: AbortSignal,
): Promise<number> {
  let rows = 0;
  while (!signal.aborted) {
    const run = await lockstepRun(config, tables, { signal });
    rows += run.rowsDone;
    const different = run.results.find(({ verdict }) => verdict === 'DIFFERENT');
    if (different) {
      throw new Error(`a false difference: ${different.reason} ${JSON.stringify(different.rows[0])}`);
    }
  }
  return rows;
}

async function checksumUntil(
  { pair }: VerificationPair,
  pt: PtTableChecksum,
  tables: string[],
  signal: AbortSignal,
): Promise<number> {
  const count = async () => {
    const [row] = await pair.source.query<{ n: string | null }>(
      'SELECT SUM(this_cnt) AS n FROM percona.checksums WHERE db = ?',
      [schema],
    );
    return Number(row?.n ?? 0);
  };
  let rows = 0;
  while (!signal.aborted) {
    // Each run begins by forgetting the last one's rows.
    await pair.source.query('DELETE FROM percona.checksums');
    await pt.run(tables, signal);
    rows += await count();
  }
  return rows;
}
