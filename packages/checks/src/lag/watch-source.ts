import { isOtherBinlog, numbersAlone } from '../position/other-binlog.ts';
import type { Server } from '../server/server.ts';
import type { PositionSampler } from './position-sampler.ts';
import type { ReplicationMonitor } from './replication-monitor.ts';
import type { SourceWatermarks } from './source-watermarks.ts';

export interface WatchSourceOptions {
  server: Server;
  sampler: PositionSampler;
  watermarks: SourceWatermarks;
  /** Of all pairs of this source. */
  monitors: () => ReplicationMonitor[];
}

/**
 * Keeps what a source had, and tells its pairs when that says nothing any more: it is another server, or it went back.
 * Answers how to end that.
 */
export function watchSource({ server, sampler, watermarks, monitors }: WatchSourceOptions): () => void {
  let identity: string | null = null;
  let history: string | null = null;
  return sampler.listen({
    sample: (sample) => {
      const now = server.facts?.identity ?? null;
      if (identity !== null && now !== identity) {
        watermarks.reset();
        history = null;
        for (const monitor of monitors()) monitor.noticeExchange();
      }
      identity = now;
      const before = history;
      history = server.facts && numbersAlone(server.facts) ? sample.gtid.history : null;
      // A cluster may commit so much while a node is copied that its new numbers are higher than those that it had.
      const isOther = before !== null && history !== null && isOtherBinlog(before, history);
      if (isOther) watermarks.reset();
      if (watermarks.record(sample) && !isOther) return;
      for (const monitor of monitors()) monitor.sourceWentBack();
    },
    fault: () => {},
  });
}
