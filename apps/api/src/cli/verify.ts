import type { EngineConfig, Logger, PairConfig, Run, TableResult } from '@lockstep/checks';
import type { TableName } from './table-name.ts';

export interface VerifyRequest {
  engine: EngineConfig;
  pair: PairConfig;
  /** Null: all that the pair selects. */
  only: TableName[] | null;
  /** Aborting ends the statements on the servers. */
  signal: AbortSignal;
  log: Logger;
  onProgress: (run: Run) => void;
  onResult: (result: TableResult) => void;
}

/** Verifies one pair once; resolves with the finished, cancelled or failed run, whatever happens on the servers. */
export type Verify = (request: VerifyRequest) => Promise<Run>;

export const verifyPair: Verify = () => {
  throw new Error('joined when the engine exports it');
};
