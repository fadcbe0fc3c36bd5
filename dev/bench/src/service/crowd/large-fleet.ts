import type { TableState } from '@lockstep/checks';
import { FixtureEngine, pairState, serverState, tableResult } from '@lockstep/fixture';

export const fleet = { pairs: 300, tables: 20_000 };

/** 300 pairs, 600 servers, and 20,000 tables of the first pair. */
export function largeFleet(): FixtureEngine {
  const engine = new FixtureEngine();
  const { tables } = pairState('any');
  engine.pairStates = Array.from({ length: fleet.pairs }, (_, i) =>
    pairState(`pair${i}`, { tables: { ...tables, total: fleet.tables } }),
  );
  const others = Array.from({ length: 2 * fleet.pairs - 2 }, (_, i) => `server${i}`);
  engine.serverStates = ['primary', 'replica', ...others].map((name) => serverState(name));
  const known = Array.from({ length: fleet.tables }, (_, i): TableState => {
    const result = tableResult(`t${i}`, { pair: 'pair0' });
    const of = { checksum: result, consistency: result, standing: result };
    return { pair: 'pair0', schema: 'shop', table: `t${i}`, rowsEstimated: 1, ...of, checking: false };
  });
  engine.tables = () => known;
  return engine;
}
