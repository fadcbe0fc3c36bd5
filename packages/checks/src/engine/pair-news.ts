import type { HeartbeatReading } from '../model/heartbeat.ts';
import type { LagSample } from '../model/lag.ts';
import type { PairStateName } from '../model/pair.ts';
import type { ReplicationStatus } from '../model/replication.ts';
import type { Chronicle } from './chronicle.ts';
import type { PairBoards } from './pair-boards.ts';
import { replicationChanges } from './what-changed.ts';

export interface PairNewsOptions {
  boards: PairBoards;
  chronicle: Chronicle;
  /** There is something to be judged soon. */
  onNews: () => void;
}

/** What is measured of pairs: kept as what is so now, and told. */
export class PairNews {
  readonly #options: PairNewsOptions;

  constructor(options: PairNewsOptions) {
    this.#options = options;
  }

  lag(sample: LagSample): void {
    const { boards, chronicle } = this.#options;
    boards.get(sample.pair).lag = sample;
    chronicle.lag(sample);
  }

  heartbeat(reading: HeartbeatReading): void {
    const { boards, chronicle } = this.#options;
    boards.get(reading.pair).heartbeat = reading;
    chronicle.heartbeat(reading);
  }

  replication(status: ReplicationStatus): void {
    const { boards, chronicle } = this.#options;
    const board = boards.get(status.pair);
    for (const { kind, message } of replicationChanges(board.replication, status)) {
      chronicle.happened(status.pair, kind, message);
    }
    board.replication = status;
    chronicle.replication(status);
  }

  state(pair: string, state: PairStateName, evidence: string): void {
    const { boards, chronicle, onNews } = this.#options;
    const board = boards.get(pair);
    const at = new Date();
    if (board.setState(state, evidence, at)) {
      chronicle.state(pair, state, evidence, at);
      onNews();
    }
    chronicle.pair(board);
  }
}
