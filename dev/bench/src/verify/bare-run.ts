import { type EngineConfig, silent } from '@lockstep/checks';
import {
  chunkSum,
  compareSchemas,
  ConnectionManager,
  qualified,
  readDefinition,
  releaseOf,
  rowExpression,
} from '../checks-internals.ts';
import { schema } from './sbtest.ts';

export interface Bare {
  /** Hashes whole tables, one after another, on both servers at once; resolves with the time it took, in ms. */
  run(tables: string[]): Promise<number>;
  stop(): Promise<void>;
}

/** What verification cannot be faster than: Lockstep's own row expression over a whole table, and nothing around it. */
export async function bareRuns(engine: EngineConfig): Promise<Bare> {
  const manager = new ConnectionManager({
    servers: engine.servers,
    connection: engine.connection,
    log: silent,
    onChange: () => undefined,
  });
  manager.start();
  const [source, target] = [manager.get('source'), manager.get('target')];
  for (const server of [source, target]) {
    if (!(await server.waitUntilConnected(10_000))) throw new Error(server.evidence);
  }
  const statement = async (table: string) => {
    const name = { schema, table };
    const [s, t] = await Promise.all([readDefinition(source, name), readDefinition(target, name)]);
    if (!s || !t) throw new Error(`${table} is not on both sides`);
    const releases = { source: releaseOf(source), target: releaseOf(target) };
    const { common } = compareSchemas(s, t, releases, []);
    return `SELECT COUNT(*) AS n, ${chunkSum(rowExpression(common).source)} AS h FROM ${qualified(name)}`;
  };
  return {
    async run(tables) {
      const statements = await Promise.all(tables.map(statement));
      const began = performance.now();
      for (const sql of statements) {
        const answers = await Promise.all(
          [source, target].map((server) => server.query(sql, undefined, { timeoutMs: 600_000 })),
        );
        if (String(answers[0]?.[0]?.['h']) !== String(answers[1]?.[0]?.['h'])) {
          throw new Error('the bare sums differ, though nothing differs');
        }
      }
      return performance.now() - began;
    },
    stop: () => manager.stop(),
  };
}
