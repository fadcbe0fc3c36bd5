import { EngineRequestError } from '../../request-error.ts';
import { StorageError, type StorageErrorCode } from '../storage-error.ts';

/** An error as it can be sent to another thread: a clone would be an Error of no kind. */
export interface SentError {
  name: string;
  code: string | null;
  message: string;
}

export function toSent(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'Error', code: null, message: String(error) };
  const code = error instanceof StorageError || error instanceof EngineRequestError ? error.code : null;
  return { name: error.name, code, message: error.message };
}

/** The error that was thrown there, of the same kind. */
export function fromSent({ name, code, message }: SentError): Error {
  if (name === 'StorageError') return new StorageError(code as StorageErrorCode, message);
  if (name === 'EngineRequestError') {
    return new EngineRequestError(code as EngineRequestError['code'], message);
  }
  return new Error(message);
}
