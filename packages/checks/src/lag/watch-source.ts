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
  return sampler.listen({
    sample: (sample) => {
      const now = server.facts?.identity ?? null;
      if (identity !== null && now !== identity) {
        watermarks.reset();
        for (const monitor of monitors()) monitor.noticeExchange();
      }
      identity = now;
      if (watermarks.record(sample)) return;
      for (const monitor of monitors()) monitor.sourceWentBack();
    },
    fault: () => {},
  });
}
