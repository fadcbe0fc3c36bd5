import { spawn } from 'node:child_process';
import { addAbortListener } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerHandle } from '@lockstep/servers';
import { schema } from './sbtest.ts';
import type { VerificationPair } from './verification-pair.ts';

export interface PtTableChecksum {
  /**
   * One run over the tables, as a process of its own; resolves with the time it took in ms, NaN when it was cut
   * short.
   */
  run(tables: string[], signal?: AbortSignal): Promise<number>;
}

/**
 * pt-table-checksum with its defaults, as root, told where the replica is. It writes its results into a table on the
 * source, and its statements run again on the replica. Null, with its last words, when it does not work with these
 * servers.
 */
export async function ptTableChecksum(
  { pair, folder }: VerificationPair,
  tables: string[],
): Promise<PtTableChecksum | { because: string }> {
  const { source, target } = pair;
  const login = { file: join(folder, 'pt.cnf'), port: source.port };
  await writeFile(login.file, `[client]\nuser=root\npassword=${source.rootPassword}\n`, { mode: 0o600 });
  await source.query(
    `CREATE DATABASE percona; CREATE TABLE percona.dsns (id INT PRIMARY KEY, parent_id INT, dsn VARCHAR(255) NOT NULL)`,
  );
  await source.query('INSERT INTO percona.dsns VALUES (1, NULL, ?)', [
    `h=127.0.0.1,P=${target.port},u=root,p=${target.rootPassword}`,
  ]);
  const program: PtTableChecksum = {
    run: (names, signal) => checksum(login, names, signal),
  };
  try {
    await program.run(tables);
    await mustHaveCompared(pair.target, tables);
    return program;
  } catch (error) {
    return { because: error instanceof Error ? error.message : String(error) };
  }
}

/** Its exit code alone does not tell that it found the replica. */
async function mustHaveCompared(target: ServerHandle, tables: string[]): Promise<void> {
  for (const table of tables) {
    const [[there], [compared]] = await Promise.all([
      target.query<{ n: string }>(`SELECT COUNT(*) AS n FROM ${schema}.${table}`),
      target.query<{ n: string }>(
        'SELECT SUM(this_cnt) AS n FROM percona.checksums WHERE db = ? AND tbl = ? AND this_crc = master_crc',
        [schema, table],
      ),
    ]);
    if (Number(there?.n) !== Number(compared?.n)) {
      throw new Error(`it compared ${Number(compared?.n)} of ${there?.n} rows of ${table}`);
    }
  }
}

function checksum(
  login: { file: string; port: number },
  tables: string[],
  signal?: AbortSignal,
): Promise<number> {
  const options = [
    `F=${login.file},h=127.0.0.1,P=${login.port}`,
    '--no-version-check',
    '--no-check-binlog-format',
    '--recursion-method=dsn=D=percona,t=dsns',
    `--databases=${schema}`,
    `--tables=${tables.join(',')}`,
    '--quiet',
  ];
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn('pt-table-checksum', options, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const listening = signal && addAbortListener(signal, () => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', (code) => {
      listening?.[Symbol.dispose]();
      if (signal?.aborted) resolve(NaN);
      else if (code === 0) resolve(performance.now() - began);
      else reject(new Error(`pt-table-checksum ended with ${code}: ${firstLine(output)}`));
    });
  });
}

/** Where it tells what went wrong, before what it goes on to say. */
function firstLine(output: string): string {
  return output.trim().split('\n')[0] ?? '';
}
