import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isLong, longText } from './result-text.ts';

/** As a proxy ends an answer that says nothing for long, and as long as the library waits. */
const pingMs = 12_000;

/**
 * Subscriptions over server-sent events, with one chunk for each event, made once for all who are told the same. The
 * library's own makes two for everybody, and every chunk goes through a stream, a promise and a write of its own.
 */
export function useEventStreams(): Plugin {
  return {
    onResultProcess: (answering) => {
      const { result, resultProcessor } = answering;
      // The library chose already: what goes on and on, it sends as nothing else.
      if (!resultProcessor || !(Symbol.asyncIterator in result)) return;
      const results = result as AsyncIterable<ExecutionResult>;
      answering.setResultProcessor(() => answer(results), 'text/event-stream');
    },
  };
}

function answer(results: AsyncIterable<ExecutionResult>): Response {
  const source = results[Symbol.asyncIterator]();
  let pinging: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      // Some browsers wait for the first byte before they take the headers.
      controller.enqueue(ping);
      pinging = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(ping);
      }, pingMs);
    },
    pull: async (controller) => {
      let goesOn = false;
      try {
        const next = await source.next();
        goesOn = !next.done;
        const frame = next.done ? complete : frameOf(next.value);
        // Each of thousands would be a turn of the microtasks later for nothing.
        controller.enqueue(frame instanceof Promise ? await frame : frame);
      } finally {
        if (!goesOn) clearInterval(pinging);
      }
      if (!goesOn) controller.close();
    },
    cancel: async () => {
      clearInterval(pinging);
      await source.return?.();
    },
  });
  return new Response(body, { headers });
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'content-encoding': 'none',
};

const ping = Buffer.from(':\n\n');
const complete = Buffer.from('event: complete\ndata:\n\n');

const frames = new WeakMap<ExecutionResult, Buffer | Promise<Buffer>>();

function frameOf(result: ExecutionResult): Buffer | Promise<Buffer> {
  let frame = frames.get(result);
  if (!frame) {
    frame = isLong(result) ? longText(shown(result)).then(framed) : framed(JSON.stringify(shown(result)));
    frames.set(result, frame);
  }
  return frame;
}

function framed(text: string): Buffer {
  return Buffer.from(`event: next\ndata: ${text}\n\n`);
}

/** Statuses of HTTP, which the library notes with errors, are none of the answer. */
function shown({ errors, ...result }: ExecutionResult): object {
  return errors ? { errors: errors.map(withoutStatus), ...result } : result;
}

function withoutStatus(error: GraphQLError): object {
  const { extensions: { http: _, unexpected: __, ...extensions } = {}, ...told } = error.toJSON();
  return Object.keys(extensions).length > 0 ? { ...told, extensions } : told;
}
