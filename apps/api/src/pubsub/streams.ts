import {
  type Alert,
  type AlertState,
  type Engine,
  type EngineEvent,
  EngineRequestError,
  type GroupState,
  type LagSample,
  type Page,
} from '@lockstep/checks';
import { gatherLag } from './gathered.ts';
import { type Missed, missed, missedError } from './missed.ts';
import type { EventOf, EventType, PubSub } from './pubsub.ts';
import { Subscription } from './subscription.ts';

type Data<Type extends EventType> = EventOf<Type>['data'];

interface Stream<Type extends EventType> {
  /** What is so now: sent to a new subscriber before any event. */
  current: (engine: Engine, pair: string | null) => Iterable<Data<Type>>;
  /** What the value is about: of two that wait with the same key only the later one matters. */
  keyOf: (data: Data<Type>) => string;
}

/** Alerts that a new subscriber is told of at most. */
export const openAlerts = 1_000;
const alertsAtOnce = 100;

export const streams: { [Type in EventType]: Stream<Type> } = {
  lag: {
    current: (engine, pair) => pairs(engine, pair).flatMap((state) => state.lag ?? []),
    keyOf: (sample) => sample.pair,
  },
  heartbeat: {
    current: (engine, pair) => pairs(engine, pair).flatMap((state) => state.heartbeat ?? []),
    keyOf: (reading) => reading.pair,
  },
  replication: {
    current: (engine, pair) => pairs(engine, pair).flatMap((state) => state.replication ?? []),
    keyOf: (status) => status.pair,
  },
  // By their names, each as it is when it is taken: of hundreds a list of them all is as large as it is long here.
  pair: {
    current: function* (engine, pair) {
      for (const name of pairs(engine, pair).map((state) => state.name)) {
        const state = engine.pair(name);
        if (state) yield state;
      }
    },
    keyOf: (state) => state.name,
  },
  // Something that happened has no value of now; the past is asked for by query.
  pairEvent: {
    current: () => [],
    keyOf: (event) => event.id,
  },
  server: {
    current: function* (engine, pair) {
      for (const name of engine.servers().map((server) => server.name)) {
        const state = isSideOf(engine, pair, name) ? engine.server(name) : null;
        if (state) yield state;
      }
    },
    keyOf: (server) => server.name,
  },
  group: {
    current: (engine, pair) => engine.groups().filter((group) => isOfGroup(engine, pair, group)),
    keyOf: (group) => group.id,
  },
  run: {
    current: (engine, pair) => engine.activeRuns(pair ?? undefined),
    keyOf: (run) => run.id,
  },
  table: {
    current: function* (engine, pair) {
      for (const { name } of pairs(engine, pair)) {
        for (const { checksum, consistency } of engine.tables(name)) {
          if (checksum) yield checksum;
          if (consistency) yield consistency;
        }
      }
    },
    keyOf: (result) => JSON.stringify([result.pair, result.schema, result.table, result.check]),
  },
  alert: {
    // Page by page, as they are taken: each that is read is in memory, for whoever does not take them as well.
    current: function* (engine, pair) {
      const filter = { states: ['pending', 'firing'] as AlertState[], ...(pair !== null && { pair }) };
      let cursor: string | null = null;
      for (let left = openAlerts; left > 0; left -= alertsAtOnce) {
        const page: Page<Alert> = engine.alerts(filter, { limit: Math.min(left, alertsAtOnce), cursor });
        yield* page.items;
        cursor = page.nextCursor;
        if (cursor === null) return;
      }
    },
    keyOf: (alert) => alert.id,
  },
  // They concern whatever fits, whichever pair is asked for.
  silence: {
    current: (engine) => engine.silences().filter(({ state }) => state !== 'ended'),
    keyOf: (silence) => silence.id,
  },
  // Of several, each may have changed something else.
  configuration: {
    current: () => [],
    keyOf: ({ at }) => at.toISOString(),
  },
};

interface FollowOptions<Type extends EventType> {
  /** Only what is about this pair and its two servers; null for everything. */
  pair: string | null;
  /** False leaves out what is so now, and begins with the next event. */
  current?: boolean;
  /** What is sent first instead of what is so now. */
  before?: () => Iterable<Data<Type>>;
}

/**
 * One subscriber's stream of one type of event, what is so now first.
 * Throws EngineRequestError for a pair that does not exist, because that stream would stay silent for ever.
 */
export function follow<Type extends EventType>(
  { engine, pubsub }: { engine: Engine; pubsub: PubSub },
  type: Type,
  { pair, current = true, before }: FollowOptions<Type>,
): Subscription<Data<Type>> {
  requirePair(engine, pair);
  const stream: Stream<Type> = streams[type];
  return new Subscription<Data<Type>>({
    listen: (push) =>
      pubsub.subscribe(type, (event) => {
        if (concerns(engine, event, pair)) push(event.data as Data<Type>);
      }),
    ...(current && { current: before ?? (() => stream.current(engine, pair)) }),
    keyOf: stream.keyOf,
    missed: missedError,
  });
}

/** Lists that may wait for one subscriber. */
const listsWaiting = 64;

/** One subscriber's stream of the lag of all pairs, in lists: what is so now first. */
export function followLags({
  engine,
  pubsub,
}: {
  engine: Engine;
  pubsub: PubSub;
}): Subscription<readonly LagSample[]> {
  let last = 0;
  return new Subscription<readonly LagSample[]>({
    listen: (push) => gatherLag(pubsub, push),
    current: () => [[...streams.lag.current(engine, null)]],
    // No list takes another's place: each tells of pairs of which the others may not.
    keyOf: () => String(last++),
    limit: listsWaiting,
    missed: missedError,
  });
}

/** One subscriber's stream of several types of events, what is so now first. Throws as `follow` does. */
export function followAll(
  { engine, pubsub }: { engine: Engine; pubsub: PubSub },
  types: readonly EventType[],
  pair: string | null,
): Subscription<EngineEvent | Missed> {
  requirePair(engine, pair);
  return new Subscription<EngineEvent | Missed>({
    listen: (push) => {
      const stops = types.map((type) =>
        pubsub.subscribe(type, (event) => {
          if (concerns(engine, event, pair)) push(event);
        }),
      );
      return () => stops.forEach((stop) => stop());
    },
    current: function* () {
      for (const type of types) {
        for (const data of streams[type].current(engine, pair)) yield eventOf(type, data);
      }
    },
    keyOf: (event) =>
      event.type === 'missed'
        ? event.type
        : `${event.type} ${(streams[event.type] as Stream<EventType>).keyOf(event.data)}`,
    missed,
  });
}

function eventOf(type: EventType, data: EngineEvent['data']): EngineEvent {
  const pair = 'pair' in data ? data.pair : type === 'pair' && 'name' in data ? data.name : null;
  return { type, pair, data } as EngineEvent;
}

/** Whether an event is for who asked for that pair: its own events, and those of its servers and their cluster. */
function concerns(engine: Engine, event: EngineEvent, pair: string | null): boolean {
  if (event.type === 'server') return isSideOf(engine, pair, event.data.name);
  if (event.type === 'configuration') return true;
  if (event.type === 'group') return isOfGroup(engine, pair, event.data);
  if (event.type === 'silence') return true;
  return pair === null || event.pair === pair;
}

function isSideOf(engine: Engine, pair: string | null, server: string): boolean {
  if (pair === null) return true;
  const state = engine.pair(pair);
  return state?.source === server || state?.target === server;
}

/** A member of the group is one of the pair's servers. */
function isOfGroup(engine: Engine, pair: string | null, { members }: GroupState): boolean {
  return members.some(({ server }) => isSideOf(engine, pair, server));
}

export function requirePair(engine: Engine, pair: string | null | undefined): void {
  if (pair == null || engine.pair(pair)) return;
  throw new EngineRequestError('NOT_FOUND', `There is no pair named "${pair}".`);
}

function pairs(engine: Engine, pair: string | null) {
  return engine.pairs().filter((state) => pair === null || state.name === pair);
}
