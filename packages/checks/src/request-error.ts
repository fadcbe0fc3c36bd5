/** A request that cannot be done, in words for the person who asked. */
export class EngineRequestError extends Error {
  readonly code: 'NOT_FOUND' | 'CONFLICT' | 'INVALID';
  constructor(code: 'NOT_FOUND' | 'CONFLICT' | 'INVALID', message: string) {
    super(message);
    this.name = 'EngineRequestError';
    this.code = code;
  }
}
