import type { Say } from '../benchmark.ts';
import { atMost, type Figure, plainFigure, printFigures } from '../report/figure.ts';
import { median } from '../report/statistics.ts';
import { plain, seconds, times } from '../report/units.ts';
import { bareRuns } from './bare-run.ts';
import { lockstepRun, mustMatch } from './lockstep-run.ts';
import type { PtTableChecksum } from './pt-table-checksum.ts';
import type { VerificationPair } from './verification-pair.ts';

export interface WallTimeOptions {
  tables: string[];
  rows: number;
  rounds: number;
  pt: PtTableChecksum | { because: string };
}

/** How long it takes to verify tables that match: Lockstep, its own row expression bare, and its peer, in turns. */
export async function wallTime(
  servers: VerificationPair,
  { tables, rows, rounds, pt }: WallTimeOptions,
  say: Say,
): Promise<void> {
  const bare = await bareRuns(servers.config.engine);
  try {
    say(`${servers.name}: timing ${rounds} rounds …`);
    // Everything is in memory, and every statement known, before anything is timed.
    await bare.run(tables);
    mustMatch((await lockstepRun(servers.config, tables)).results);
    const took = { verify: [] as number[], whole: [] as number[], bare: [] as number[], pt: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const lockstep = await lockstepRun(servers.config, tables);
      mustMatch(lockstep.results);
      took.verify.push(lockstep.verifyMs);
      took.whole.push(lockstep.wholeMs);
      took.bare.push(await bare.run(tables));
      if ('run' in pt) took.pt.push(await pt.run(tables));
    }
    const figures: Figure[] = [
      plainFigure('Lockstep, from the first table to the last verdict', seconds(median(took.verify))),
      plainFigure('Lockstep, connecting included', seconds(median(took.whole))),
      plainFigure('the row expression bare, both servers at once', seconds(median(took.bare))),
      atMost('Lockstep : bare', ratio(took.verify, took.bare), 1.15, times),
    ];
    if ('run' in pt) {
      figures.push(
        plainFigure('pt-table-checksum', seconds(median(took.pt))),
        atMost('Lockstep, connecting included : pt-table-checksum', ratio(took.whole, took.pt), 0.5, times),
      );
    }
    printFigures(
      `${servers.name}: verifying ${tables.length} tables of ${plain(rows)} rows; medians of ${rounds} rounds`,
      figures,
    );
    if ('because' in pt) console.log(`  no comparison: ${pt.because}`);
  } finally {
    await bare.stop();
  }
}

/** The median of the rounds' own ratios: what disturbs the machine disturbs the neighbours in a round alike. */
function ratio(ours: number[], theirs: number[]): number {
  return median(ours.map((value, i) => value / (theirs[i] ?? NaN)));
}
