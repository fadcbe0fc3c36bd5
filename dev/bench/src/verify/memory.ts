import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { caughtUp } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { below, exactly, plainFigure, printFigures } from '../report/figure.ts';
import { megabytes, plain } from '../report/units.ts';
import type { MemoryGrowth, MemoryTask } from './memory-child.ts';
import { fillSbtest, schema } from './sbtest.ts';
import type { VerificationPair } from './verification-pair.ts';

const small = 'small';
const different = 'different';

export interface MemoryOptions {
  tables: string[];
  rows: number;
  /** Rows of the table in which every one differs. */
  differences: number;
}

/** How much memory verifying takes, of many rows and of many differences. */
export async function memory(
  servers: VerificationPair,
  { tables, rows, differences }: MemoryOptions,
  say: Say,
): Promise<void> {
  const { pair } = servers;
  await fillSbtest(pair, [small], 1000);
  await fillSbtest(pair, [different], differences);
  await caughtUp(pair.source, pair.target, 120);
  await pair.target.query(
    `SET sql_log_bin = 0; UPDATE ${schema}.${different} SET c = REVERSE(c), k = k + 1; SET sql_log_bin = 1`,
  );
  say(`${servers.name}: memory of verifying ${plain(rows * tables.length)} rows …`);
  const many = await grow({ config: servers.file, first: small, tables });
  say(`${servers.name}: memory of ${plain(differences)} differing rows …`);
  const wrong = await grow({ config: servers.file, first: small, tables: [different] });
  const grown = ({ peakBytes, beforeBytes }: MemoryGrowth) => peakBytes - beforeBytes;
  printFigures(`${servers.name}: memory (RSS) of a process that verifies`, [
    plainFigure('before', megabytes(many.beforeBytes)),
    below(
      `growth, ${plain(rows * tables.length)} rows (${many.verdicts.join(', ')})`,
      grown(many),
      50 * 2 ** 20,
      megabytes,
    ),
    below(`growth, ${plain(differences)} rows all different`, grown(wrong), 100 * 2 ** 20, megabytes),
    exactly('differences counted', wrong.differences, differences),
  ]);
}

async function grow(task: MemoryTask): Promise<MemoryGrowth> {
  const child = fork(fileURLToPath(new URL('memory-child.ts', import.meta.url)));
  try {
    child.send(task);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the verifying process ended with ${String(code)}`);
    });
    // Heard in the race only if it comes first.
    ended.catch(() => undefined);
    const [growth] = (await Promise.race([once(child, 'message'), ended])) as [MemoryGrowth];
    return growth;
  } finally {
    child.kill();
  }
}
