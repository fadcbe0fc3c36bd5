import { explainCheck, type ExplainedPair, formatTableName, type PairConfig } from '@lockstep/checks';
import type { LoadedConfig } from '../config/index.ts';
import { createLogger } from '../log.ts';
import { printable, printableJson } from '../printable.ts';
import type { CheckOptions } from './check.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { narrowed } from './narrowed.ts';
import { onStopSignal } from './signals.ts';

/** `lockstep check --explain`: which tables, by which key, with which statement. */
export async function explain(
  config: LoadedConfig,
  pairs: PairConfig[],
  options: CheckOptions,
  io: Io,
): Promise<number> {
  const stop = new AbortController();
  using _signals = onStopSignal((signal) => stop.abort(new Error(`stopped by ${signal}`)));
  const names = new Set(pairs.flatMap(({ source, target }) => [source, target]));
  const engine = { ...config.engine, servers: config.engine.servers.filter(({ name }) => names.has(name)) };
  const log = createLogger({ ...config.log, level: 'silent' }, io.stderr);
  const narrow = pairs.map((pair) => narrowed(pair, options));
  const explained = await explainCheck({
    engine,
    pairs: narrow.map(({ pair }) => pair),
    only: narrow[0]?.only ?? null,
    check: options.check,
    log,
    signal: stop.signal,
  });
  io.stdout.write(
    options.format === 'json' ? printableJson({ pairs: explained }) : explained.flatMap(pairLines).join('\n'),
  );
  return explained.some(({ fault, unmatched }) => fault !== null || unmatched.length > 0)
    ? EXIT.unverified
    : EXIT.ok;
}

function pairLines({ pair, source, target, tables, unmatched, fault }: ExplainedPair): string[] {
  return [
    `${pair}: ${source} → ${target}  ${tables.length} ${tables.length === 1 ? 'table' : 'tables'}`,
    ...(fault === null ? [] : [`  ! ${printable(fault)}`]),
    ...unmatched.map((pattern) => `  ? ${printable(pattern)} fits no table`),
    ...tables.flatMap(({ key, statements, notes, rowsEstimated, ...name }) => [
      `  ${printable(formatTableName(name))}  about ${rowsEstimated.toLocaleString('en')} rows, ${printable(key)}`,
      ...notes.map((note) => `      ${printable(note)}`),
      ...sqlLines(statements),
    ]),
    '',
  ];
}

/** One where both sides are asked the same. */
function sqlLines(statements: { source: string; target: string } | null): string[] {
  if (!statements) return [];
  const { source, target } = statements;
  return source === target
    ? [`      ${printable(source)}`]
    : [`      source: ${printable(source)}`, `      target: ${printable(target)}`];
}
