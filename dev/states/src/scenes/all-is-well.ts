import type { Scene } from '../scene.ts';
import { ago, ahead, pair, server, shopTables } from '../seed.ts';

export const allIsWell: Scene = {
  shows: 'Three replicas that keep up and hold what the source holds: nothing to do.',
  screens: { overview: { path: '/' }, pair: { path: '/pairs/reports' }, alerts: { path: '/alerts' } },
  fill(engine) {
    const replicas = ['standby', 'reports', 'backup'];
    engine.serverStates = ['primary', ...replicas].map((name) => server(name));
    engine.pairStates = replicas.map((name) => pair(name));
    engine.tableStates = replicas.flatMap(shopTables);
    engine.scheduleList = replicas.flatMap((name) => [
      {
        pair: name,
        check: 'checksum' as const,
        schedule: '0 3 * * * Europe/Berlin',
        nextRun: ahead(400),
        window: { hours: '02:00–05:00 Europe/Berlin', open: false, turnsAt: ahead(340) },
        lastRun: ago(14),
      },
      {
        pair: name,
        check: 'consistency' as const,
        schedule: 'every 1 h',
        window: null,
        nextRun: ahead(48),
        lastRun: ago(12),
      },
    ]);
  },
};
