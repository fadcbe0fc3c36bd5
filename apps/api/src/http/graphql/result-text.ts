import { type ExecutionResult, GraphQLError } from 'graphql';
import { isHeavy, jsonInSlices } from '../../json-in-slices.ts';

/** No answer is longer, in characters: what is larger is asked for in pages. */
const longestAnswer = 16 * 1024 * 1024;

/** Whether the result of one execution takes so long to turn into text that others would wait for it. */
export function isLong(result: unknown): result is ExecutionResult {
  return isResult(result) && isHeavy(result.data);
}

/**
 * The result as it is told, its data already in text, made in slices. What comes to too much is told as an error in
 * place of the data: nobody's answer is in memory several times over, and longer than anybody reads.
 */
export async function tellable(
  result: ExecutionResult,
  rest?: () => Promise<void>,
): Promise<ExecutionResult & { stringify: Write }> {
  const text = await jsonInSlices(result.data, longestAnswer, rest);
  if (text === null) return { data: null, errors: [tooLong()], stringify: JSON.stringify };
  const written = ([name, value]: [string, unknown]) =>
    `${JSON.stringify(name)}:${name === 'data' ? text : JSON.stringify(value)}`;
  const isTold = ([, value]: [string, unknown]) => value !== undefined && typeof value !== 'function';
  return {
    ...result,
    stringify: (told) => `{${Object.entries(told).filter(isTold).map(written).join(',')}}`,
  };
}

/** The same as text. `rest`: how another turn is waited for. */
export async function longText(result: ExecutionResult, rest?: () => Promise<void>): Promise<string> {
  const told = await tellable(result, rest);
  return told.stringify(told);
}

/** Writes the result, from which the library has taken what is not for others. */
type Write = (told: ExecutionResult) => string;

function isResult(result: unknown): result is ExecutionResult {
  return (
    typeof result === 'object' && result !== null && !(Symbol.asyncIterator in result) && 'data' in result
  );
}

function tooLong(): GraphQLError {
  return new GraphQLError(
    `This asks for too much: the answer has more than ${longestAnswer} characters. Ask for less at a time.`,
    { extensions: { code: 'TOO_MUCH', limit: 'length', most: longestAnswer } },
  );
}
