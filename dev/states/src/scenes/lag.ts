import type { Attribution, HeartbeatClock, LagMethod, PairState, ThreadState } from '@lockstep/checks';
import { heartbeatReading, lagSample } from '@lockstep/fixture';
import { entries } from '../entries.ts';
import type { Scene } from '../scene.ts';
import { pair, replication, server, shopTables } from '../seed.ts';

const methods: Record<LagMethod, Partial<PairState['lag'] & object>> = {
  gtid: { lagMs: 0 },
  file: {
    lagMs: 1200,
    transactionsBehind: null,
    evidence: 'binlog.000042:73180221 of primary, 1.2 s old, is not applied yet',
  },
  estimate: {
    lagMs: 4000,
    uncertaintyMs: null,
    transactionsBehind: null,
    serverLagMs: 4000,
    evidence: 'the server itself says 4 s; measured from now on',
  },
  none: {
    lagMs: null,
    uncertaintyMs: null,
    transactionsBehind: null,
    serverLagMs: null,
    evidence: 'the positions of the two servers cannot be compared',
  },
};

/** What the other side of the delay looks like is for `threads`. */
const places: Record<Attribution, number | null> = {
  none: 0,
  link: 20_000,
  receiver: 65_000,
  applier: 12_000,
  intended: 1_800_000,
  unknown: null,
};

const threads: Record<ThreadState, string> = {
  running: 'the receiver and the applier run',
  connecting: 'the receiver cannot reach primary.db.example.com:3306',
  stopped: 'receiver and applier are stopped',
  unknown: 'the state of the threads is not known',
};

const clocks: Record<HeartbeatClock, string> = {
  writer: 'by the clock that writes it',
  target: "by the target's own clock, since the source's row cannot be read",
};

export const lag: Scene = {
  shows:
    'Lag by every method, in every place it can arise, with every state of a thread, and pt-heartbeat beside it.',
  screens: {
    overview: { path: '/' },
    estimate: { path: '/pairs/by-estimate' },
    applier: { path: '/pairs/in-applier' },
    heartbeat: { path: '/pairs/beside-heartbeat-writer?tab=replication' },
  },
  fill(engine) {
    for (const [method, more] of entries(methods)) {
      const name = `by-${method}`;
      const sample = lagSample(name, { method, ...more });
      engine.pairStates.push(
        pair(name, {
          state: sample.lagMs === null || method === 'estimate' ? 'unknown' : 'in-sync',
          evidence: sample.evidence,
          lag: sample,
        }),
      );
    }
    for (const [attribution, lagMs] of entries(places)) {
      const name = `in-${attribution}`;
      const evidence =
        lagMs === null ? 'not measured yet' : `change 0-1-917296 of primary is ${lagMs / 1000} s old`;
      engine.pairStates.push(
        pair(name, {
          state: lagMs === null ? 'unknown' : lagMs >= 10_000 ? 'lagging' : 'in-sync',
          evidence,
          lag: lagSample(name, { lagMs, uncertaintyMs: lagMs === null ? null : 300, evidence }),
          replication: replication(name, [{ intendedDelayMs: attribution === 'intended' ? 1_700_000 : 0 }], {
            attribution,
          }),
        }),
      );
    }
    for (const [thread, evidence] of entries(threads)) {
      const name = `threads-${thread}`;
      const applier = thread === 'connecting' ? 'running' : thread;
      engine.pairStates.push(
        pair(name, {
          state: { running: 'in-sync', connecting: 'connecting', stopped: 'stopped', unknown: 'unknown' }[
            thread
          ] as PairState['state'],
          evidence,
          replication: replication(name, [{ receiver: thread, applier }], { evidence }),
        }),
      );
    }
    for (const [clock, words] of entries(clocks)) {
      const name = `beside-heartbeat-${clock}`;
      engine.pairStates.push(
        pair(name, {
          heartbeat: heartbeatReading(name, {
            clock,
            evidence: `${name} has every heartbeat up to 1.1 s ago; one comes every 1 s; ${words}`,
          }),
        }),
      );
    }
    engine.tableStates = engine.pairStates.flatMap(({ name }) => shopTables(name));
    engine.serverStates = [server('primary'), ...engine.pairStates.map(({ target }) => server(target))];
  },
};
