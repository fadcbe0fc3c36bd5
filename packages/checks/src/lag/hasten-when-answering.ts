import type { PositionSampler } from './position-sampler.ts';
import type { ReplicationStatusReader } from './replication-status-reader.ts';

/**
 * A pair whose servers answer again must not be called unknown until the next reading happens to be due. `samplers`: of
 * its servers; `running`: they have been asked so far. Answers how to end that.
 */
export function hastenWhenAnswering(
  reader: ReplicationStatusReader,
  samplers: PositionSampler[],
  running: boolean,
): () => void {
  const ends = samplers.map((sampler) => {
    let answered = running && sampler.latest !== null && sampler.fault === null;
    return sampler.listen({
      sample: () => {
        if (!answered) reader.hasten();
        answered = true;
      },
      fault: () => (answered = false),
    });
  });
  return () => {
    for (const end of ends) end();
  };
}
