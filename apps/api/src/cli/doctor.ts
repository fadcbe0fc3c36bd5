import { examine, type Examined } from '@lockstep/checks';
import { createLogger } from '../log.ts';
import { printableJson } from '../printable.ts';
import { doctorReport } from './doctor-report.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { configFrom, type NamedServers } from './named-servers.ts';
import { choosePairs } from './pairs.ts';
import { exitCodeOf, onStopSignal } from './signals.ts';

export interface DoctorOptions extends NamedServers {
  pair?: string[];
  format: 'text' | 'json';
}

/** `lockstep doctor`: what is in order with servers and pairs, and what mends the rest. */
export async function doctor(options: DoctorOptions, io: Io): Promise<number> {
  const config = await configFrom(options, io);
  const pairs = choosePairs(config, options.pair);
  const involved = new Set(pairs.flatMap(({ source, target }) => [source, target]));
  const servers = config.engine.servers.filter(
    ({ name }) => options.pair === undefined || involved.has(name),
  );
  const stop = new AbortController();
  let stoppedBy: NodeJS.Signals | undefined;
  using _signals = onStopSignal((signal) => {
    stoppedBy = signal;
    stop.abort(new Error(`stopped by ${signal}`));
  });
  // The findings say what is wrong.
  const log = createLogger({ ...config.log, level: 'silent' }, io.stderr);
  const engine = { ...config.engine, servers };
  const examined = await examine({ engine, pairs, log, signal: stop.signal });
  if (stoppedBy) return exitCodeOf(stoppedBy);
  io.stdout.write(
    options.format === 'json' ? printableJson({ examined }) : doctorReport(examined, io.stdout),
  );
  return exitCodeFor(examined);
}

function exitCodeFor(examined: readonly Examined[]): number {
  const marks = examined.flatMap(({ findings }) => findings.map(({ mark }) => mark));
  if (marks.includes('bad')) return EXIT.different;
  return marks.includes('doubt') ? EXIT.unverified : EXIT.ok;
}
