import type { ExecutionResult } from 'graphql';
import { turns } from '../../turns.ts';
import { isLong, longText } from '../graphql/result-text.ts';
import type { Flow } from '../graphql/shared-execution.ts';

/** Puts one operation's results on the wire, in parts; the promise comes true when the client may be sent more. */
type Send = (message: readonly Buffer[]) => Promise<void> | void;

/**
 * Sends a subscription's results as `next` messages by itself, each turned into text once, however many are told the
 * same. What the library gets in their place yields nothing and ends as they do, so that the end is told by it.
 */
export function inOneText(
  results: AsyncIterable<ExecutionResult>,
  { id, send, flow }: { id: string; send: Send; flow: Flow | undefined },
): AsyncGenerator<never, void, undefined> {
  const source = results[Symbol.asyncIterator]();
  const before = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  const tell = (result: ExecutionResult) => {
    const made = textOf(result, flow !== undefined);
    if (made instanceof Promise) return made.then((text) => send([before, text, after]));
    return send([before, made, after]);
  };
  return {
    async next() {
      if (flow) await flow(tell);
      else {
        for (let next = await source.next(); !next.done; next = await source.next()) await tell(next.value);
      }
      return { done: true, value: undefined };
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await source.throw?.(error);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
}

const after = Buffer.from('}');

const texts = new WeakMap<object, Buffer | Promise<Buffer>>();

/** Made once. `lasting`: of a stream, of which there may be thousands. */
export function textOf(result: object, lasting: boolean): Buffer | Promise<Buffer> {
  let text = texts.get(result);
  if (!text) {
    text = isLong(result)
      ? longText(result, lasting ? () => turns.last() : undefined).then((long) => Buffer.from(long))
      : Buffer.from(JSON.stringify(result));
    texts.set(result, text);
  }
  return text;
}
