import { isLong, longText } from '../graphql/result-text.ts';

/** Puts one operation's results on the wire; the promise comes true when the client may be sent more. */
type Send = (message: Buffer) => Promise<void> | void;

/**
 * Sends a subscription's results as `next` messages by itself, each turned into text once, however many are told the
 * same. What the library gets in their place yields nothing and ends as they do, so that the end is told by it.
 */
export function inOneText(
  results: AsyncIterable<object>,
  id: string,
  send: Send,
): AsyncGenerator<never, void, undefined> {
  const source = results[Symbol.asyncIterator]();
  const before = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  return {
    async next() {
      for (let result = await source.next(); !result.done; result = await source.next()) {
        const made = textOf(result.value);
        const sent = send(Buffer.concat([before, made instanceof Promise ? await made : made, after]));
        if (sent) await sent;
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

function textOf(result: object): Buffer | Promise<Buffer> {
  let text = texts.get(result);
  if (!text) {
    text = isLong(result)
      ? longText(result).then((long) => Buffer.from(long))
      : Buffer.from(JSON.stringify(result));
    texts.set(result, text);
  }
  return text;
}
