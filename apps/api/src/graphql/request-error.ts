import { EngineRequestError, ServerFault } from '@lockstep/checks';
import { builder, type ObjectOf } from './builder.ts';
import type { ApiContext } from './context.ts';
import { describedEnum } from './described-enum.ts';

type Code = EngineRequestError['code'] | 'FORBIDDEN' | 'UNAVAILABLE';

/** An expected failure, as a value: the request was understood, and cannot be done. */
export class RequestError {
  readonly code: Code;
  readonly message: string;
  constructor(code: Code, message: string) {
    this.code = code;
    this.message = message;
  }
}

const RequestErrorCode = describedEnum<Code>('RequestErrorCode', 'Why a request was not done.', {
  NOT_FOUND: 'What it names does not exist.',
  CONFLICT: 'It does not fit the present state, for example cancelling a run that has finished.',
  INVALID: 'It makes no sense as asked.',
  FORBIDDEN: 'Whoever asks has not the role it needs.',
  UNAVAILABLE: 'A server that it needs cannot be asked; the message has its words.',
});

export const RequestErrorType = builder.objectRef<RequestError>('RequestError').implement({
  description: 'A request that was understood, and not done: nothing has changed.',
  fields: (t) => ({
    code: t.expose('code', { type: RequestErrorCode, description: 'The reason, for programs.' }),
    message: t.exposeString('message', { description: 'The reason, for people.' }),
  }),
});

/** The union of what a request gives back when it works and why it did not. */
export function resultOf<Shape extends object>(name: string, description: string, ref: ObjectOf<Shape>) {
  return builder.unionType(name, {
    description,
    types: [ref, RequestErrorType],
    resolveType: (value) => (value instanceof RequestError ? RequestErrorType : ref),
  });
}

/**
 * Does what an operator asks; what the engine or a server refuses, and who may not ask, comes back as a RequestError.
 */
export async function attempt<Result>(
  { viewer }: ApiContext,
  act: (by: string) => Result | Promise<Result>,
): Promise<Result | RequestError> {
  if (viewer.role !== 'operator') {
    return new RequestError('FORBIDDEN', `This needs the operator role; "${viewer.name}" is a viewer.`);
  }
  try {
    return await act(viewer.name);
  } catch (error) {
    if (error instanceof EngineRequestError) return new RequestError(error.code, error.message);
    if (error instanceof ServerFault) return new RequestError('UNAVAILABLE', error.message);
    throw error;
  }
}
