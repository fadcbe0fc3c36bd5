import { EngineRequestError, StorageError } from '@lockstep/checks';

/** A failure that whoever asked is told in words. */
export interface ExpectedFailure {
  status: 400 | 404 | 409 | 503;
  code: EngineRequestError['code'] | 'UNAVAILABLE';
  message: string;
}

const statuses = { INVALID: 400, NOT_FOUND: 404, CONFLICT: 409 } as const;

/**
 * What the engine refuses and what the storage cannot do; null for what nobody expected, which is masked and logged.
 */
export function expectedFailure(error: unknown): ExpectedFailure | null {
  if (error instanceof EngineRequestError) {
    return { status: statuses[error.code], code: error.code, message: error.message };
  }
  if (error instanceof StorageError) return { status: 503, code: 'UNAVAILABLE', message: error.message };
  return null;
}
