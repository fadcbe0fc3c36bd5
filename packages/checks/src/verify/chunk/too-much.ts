import { wasEnded } from '../../server/ended.ts';
import { AnswerTooLong, ServerFault } from '../../server/sql-server.ts';

/** For one statement: less of it may well be answered. */
export function wasTooMuch(error: unknown): boolean {
  if (error instanceof AnswerTooLong || wasEnded(error)) return true;
  return error instanceof ServerFault && error.kind === 'timeout';
}

/** Chunks that run into the time limit, or whose statement somebody ends, are cut smaller, so many times. */
export const shrinkAttempts = 4;
