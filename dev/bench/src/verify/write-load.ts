import { run, type ServerHandle } from '@lockstep/servers';
import { schema } from './sbtest.ts';

export interface WriteLoad {
  /** What writes, for the report. */
  name: string;
  /** Writes as fast as the source takes it, for so long; resolves with transactions per second. */
  run(seconds: number): Promise<number>;
}

export interface WriteLoadOptions {
  source: ServerHandle;
  tables: string[];
  rows: number;
  threads: number;
}

export function sysbenchLoad({ source, tables, rows, threads }: WriteLoadOptions): WriteLoad {
  const options = [
    '--db-driver=mysql',
    `--mysql-host=${source.host}`,
    `--mysql-port=${source.port}`,
    '--mysql-user=root',
    `--mysql-password=${source.rootPassword}`,
    `--mysql-db=${schema}`,
    `--tables=${tables.length}`,
    `--table-size=${rows}`,
    `--threads=${threads}`,
  ];
  return {
    name: `sysbench oltp_write_only, ${threads} threads`,
    async run(seconds) {
      const output = await run('sysbench', ['oltp_write_only', ...options, `--time=${seconds}`, 'run']);
      const rate = /transactions:.*\(([\d.]+) per sec/.exec(output)?.[1];
      if (!rate) throw new Error(`sysbench printed no rate:\n${output}`);
      return Number(rate);
    },
  };
}

/** The same transactions as sysbench's oltp_write_only, from this process. */
export function ownLoad({ source, tables, rows, threads }: WriteLoadOptions): WriteLoad {
  return {
    name: `a loop of our own with oltp_write_only's transactions, ${threads} connections`,
    async run(seconds) {
      let transactions = 0;
      const end = performance.now() + seconds * 1000;
      const writer = async () => {
        const connection = await source.connect();
        try {
          while (performance.now() < end) {
            const table = `${schema}.${tables[Math.floor(Math.random() * tables.length)]}`;
            const id = () => 1 + Math.floor(Math.random() * rows);
            const [a, b, c] = [id(), id(), id()];
            try {
              await connection.query('BEGIN');
              await connection.query(`UPDATE ${table} SET k = k + 1 WHERE id = ?`, [a]);
              await connection.query(`UPDATE ${table} SET c = SHA2(RAND(), 256) WHERE id = ?`, [b]);
              await connection.query(`DELETE FROM ${table} WHERE id = ?`, [c]);
              await connection.query(
                `INSERT INTO ${table} (id, k, c, pad) VALUES (?, ?, SHA2(RAND(), 256), '')`,
                [c, id()],
              );
              await connection.query('COMMIT');
              transactions++;
            } catch (error) {
              if (!isDeadlock(error)) throw error;
              await connection.query('ROLLBACK');
            }
          }
        } finally {
          connection.destroy();
        }
      };
      await Promise.all(Array.from({ length: threads }, writer));
      return transactions / seconds;
    },
  };
}

/** The load is no use unless it writes at all. */
export async function workingLoad(
  options: WriteLoadOptions,
  sysbench: boolean,
  say: (line: string) => void,
): Promise<WriteLoad> {
  if (sysbench) {
    const load = sysbenchLoad(options);
    try {
      await load.run(1);
      return load;
    } catch (error) {
      say(`sysbench cannot write here: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const load = ownLoad(options);
  await load.run(1);
  return load;
}

function isDeadlock(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && [1213, 1205, 1062].includes(Number(error.errno));
}
