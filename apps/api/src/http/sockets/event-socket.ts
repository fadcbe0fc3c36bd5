import type { Duplex } from 'node:stream';
import { type Engine, type EngineEvent, EngineRequestError } from '@lockstep/checks';
import type { WebSocket } from 'ws';
import { isHeavy, jsonInSlices } from '../../json-in-slices.ts';
import type { Missed } from '../../pubsub/missed.ts';
import type { EventType, PubSub } from '../../pubsub/pubsub.ts';
import { followAll, requirePair, streams } from '../../pubsub/streams.ts';
import { readQuery, wordsOf } from '../rest/query.ts';
import { send } from './socket.ts';
import { textFrame } from './text-frame.ts';

const eventTypes = Object.keys(streams) as EventType[];

export interface EventFilter {
  pair: string | null;
  types: EventType[];
}

/** `/ws?pair=&types=`. Throws EngineRequestError for a filter that makes no sense. */
export function eventFilter(engine: Engine, query: URLSearchParams): EventFilter {
  const { pair, types } = readQuery(query, ['pair', 'types']);
  if (pair.length > 1) throw new EngineRequestError('INVALID', 'Give `pair` once.');
  requirePair(engine, pair[0]);
  return {
    pair: pair[0] ?? null,
    types: types.length === 0 ? eventTypes : [...new Set(wordsOf('types', types, eventTypes))],
  };
}

/** The engine's events as plain JSON, one `{ type, at, data }` a message, what is so now first. */
export async function sendEvents(
  socket: WebSocket,
  stream: Duplex,
  { engine, pubsub }: { engine: Engine; pubsub: PubSub },
  filter: EventFilter,
): Promise<void> {
  const events = followAll({ engine, pubsub }, filter.types, filter.pair);
  socket.once('close', () => void events.return());
  const tell = (frame: Buffer) => send(socket, (sent) => stream.write(frame, sent));
  await events.flow((event) => {
    const frame = framed(event);
    if (frame instanceof Promise) return frame.then(tell);
    return tell(frame);
  });
}

// An event is encoded once, however many sockets it goes to; sending the same bytes copies nothing.
const frames = new WeakMap<EngineEvent | Missed, Buffer | Promise<Buffer>>();

function framed(event: EngineEvent | Missed): Buffer | Promise<Buffer> {
  let frame = frames.get(event);
  if (!frame) {
    const told = { type: event.type, at: new Date(), data: event.data };
    frame = isHeavy(event.data)
      ? jsonInSlices(told, Infinity).then((text) => textFrame([Buffer.from(text ?? '')]))
      : textFrame([Buffer.from(JSON.stringify(told))]);
    frames.set(event, frame);
  }
  return frame;
}
