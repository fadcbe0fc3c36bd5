import type { ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { turns } from '../../turns.ts';
import type { Asking } from './asking.ts';
import { isLong, longText } from './result-text.ts';
import { type Flow, flowOf } from './shared-execution.ts';

/** As a proxy ends an answer that says nothing for long, and as long as the library waits. */
const pingMs = 12_000;

/**
 * Subscriptions over server-sent events, with one chunk for each event, made once for all who are told the same. The
 * library's own makes two for everybody, and every chunk goes through a stream, a promise and a write of its own.
 */
export function useEventStreams(): Plugin<Partial<Asking>> {
  return {
    onResultProcess: (answering) => {
      const { request, result, resultProcessor, serverContext } = answering;
      if (!(Symbol.asyncIterator in result)) return;
      const results = result as AsyncIterable<ExecutionResult>;
      // The library chose already: what goes on and on, it sends as nothing else. Who takes no such answer is sent
      // none, and what was begun for them would go on with nobody there.
      if (!resultProcessor) return void results[Symbol.asyncIterator]().return?.();
      const { answer } = serverContext as Partial<Asking>;
      const flow = flowOf(request);
      answering.setResultProcessor(
        () => (answer && flow ? written(results, flow, answer) : pulled(results)),
        'text/event-stream',
      );
    },
  };
}

/**
 * The library begins the answer and ends it. In between whole chunks, as they are on the wire, go to the connection
 * itself: for each Node would write its length, its end and itself apart.
 */
function written(results: AsyncIterable<ExecutionResult>, flow: Flow, answer: ServerResponse): Response {
  const source = results[Symbol.asyncIterator]();
  let pinging: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        // The library looks whether this is all before it sends the headers.
        if (!answer.headersSent) return controller.enqueue(ping);
        const tell = (chunk: Buffer) => write(answer, chunk);
        // To who speaks HTTP/1.0 it is told by the end of the connection where the answer ends.
        const [told, nothing] = answer.chunkedEncoding ? [chunkOf, pingChunk] : [frameOf, ping];
        pinging = setInterval(() => {
          if (answer.writableLength === 0) void tell(nothing);
        }, pingMs);
        try {
          await flow((result) => {
            const chunk = told(result);
            return chunk instanceof Promise ? chunk.then(tell) : tell(chunk);
          });
        } catch (error) {
          controller.enqueue(framed(JSON.stringify(shown({ errors: [error as GraphQLError] }))));
        } finally {
          clearInterval(pinging);
        }
        controller.enqueue(complete);
        controller.close();
      },
      cancel: async () => {
        clearInterval(pinging);
        await source.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}

/** Comes true when the client may be sent more, or has gone. */
function write(answer: ServerResponse, chunk: Buffer): Promise<void> | void {
  const { socket } = answer;
  if (!socket?.writable || socket.write(chunk)) return;
  return new Promise((resolve) => {
    const goOn = () => {
      socket.off('drain', goOn).off('close', goOn);
      resolve();
    };
    socket.on('drain', goOn).on('close', goOn);
  });
}

/** Where there is no connection of that kind to write to. */
function pulled(results: AsyncIterable<ExecutionResult>): Response {
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
  'content-encoding': 'none',
  // nginx would gather what it passes on until it is worth its while.
  'x-accel-buffering': 'no',
};

const ping = Buffer.from(':\n\n');
const pingChunk = chunked(ping);
const complete = Buffer.from('event: complete\ndata:\n\n');

const frames = new WeakMap<ExecutionResult, Buffer | Promise<Buffer>>();
const chunks = new WeakMap<ExecutionResult, Buffer | Promise<Buffer>>();

const rest = () => turns.last();

function frameOf(result: ExecutionResult): Buffer | Promise<Buffer> {
  let frame = frames.get(result);
  if (!frame) {
    frame = isLong(result)
      ? longText(shown(result), rest).then(framed)
      : framed(JSON.stringify(shown(result)));
    frames.set(result, frame);
  }
  return frame;
}

function chunkOf(result: ExecutionResult): Buffer | Promise<Buffer> {
  let chunk = chunks.get(result);
  if (!chunk) {
    const frame = frameOf(result);
    chunk = frame instanceof Promise ? frame.then(chunked) : chunked(frame);
    chunks.set(result, chunk);
  }
  return chunk;
}

/** As it is on the wire of an answer whose length is not known (RFC 9112, 7.1). */
function chunked(frame: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${frame.length.toString(16)}\r\n`), frame, Buffer.from('\r\n')]);
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
