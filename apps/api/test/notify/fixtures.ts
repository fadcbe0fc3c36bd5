import { addAbortListener, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Alert, type MetricsStorage, openStorage, silent } from '@lockstep/checks';
import { freePort } from '@lockstep/servers/free-port';
import { onTestFinished } from 'vitest';
import { Notifier, type NotifierOptions } from '../../src/notify/notifier.ts';
import { webhook } from '../../src/notify/webhook.ts';
import { localPubSub } from '../../src/pubsub/pubsub.ts';
import { alert, START } from './alert.ts';

export * from './alert.ts';

/** Somebody's service, and what it was sent. */
export interface Receiver {
  url: string;
  received: { headers: IncomingHttpHeaders; body: Record<string, unknown> }[];
  /** Answers with these, one after the other, then 200. */
  answers: { status: number; headers?: Record<string, string> }[];
  /** Answers 500 to these. */
  refuse: (body: Record<string, unknown>) => boolean;
  close: () => Promise<void>;
}

/** Once closed, nobody is there: its port is none that is given to whoever asks for any. */
export async function receiver(at?: number): Promise<Receiver> {
  const port = at ?? (await freePort());
  const received: Receiver['received'] = [];
  const answers: Receiver['answers'] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
      received.push({ headers: request.headers, body });
      const { status, headers } = answers.shift() ?? { status: ops.refuse(body) ? 500 : 200 };
      response.writeHead(status, headers).end('ok');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  onTestFinished(close);
  const url = `http://127.0.0.1:${port}/hook/SECRET`;
  const ops: Receiver = { url, received, answers, close, refuse: () => false };
  return ops;
}

export function storage(file = ':memory:'): MetricsStorage {
  const day = 86_400_000;
  const config = { file, rawLagMs: day, minuteLagMs: day, historyMs: 365 * day };
  const opened = openStorage(config, { log: silent, now: () => START });
  onTestFinished(() => opened.close());
  return opened;
}

/** More than is read in one go: alerts that fire, of which ops was told. */
export function longOutbox(store: MetricsStorage): Alert[] {
  const open = Array.from({ length: 5_000 }, (_, i) => alert({ id: `a${i}` }));
  const at = new Date(START);
  for (const one of open) {
    store.recordAlert(one);
    const told = { state: 'delivered', endedAt: at, attempts: 1, error: null } as const;
    const key = `${one.id}/firing/${one.severity}`;
    store.recordDelivery({ key, destination: 'ops', alert: one, createdAt: at, ...told });
  }
  return open;
}

/** A notifier at work on one webhook called ops, and what it logs. */
export function notify(
  url: string,
  { patience = false, ...options }: Partial<NotifierOptions> & { patience?: boolean } = {},
) {
  const logged: string[] = [];
  /** How long it wanted to wait; it waits next to nothing. */
  const waits: number[] = [];
  /** With `patience` no wait ends before this does. */
  const sleepFor = Promise.withResolvers<void>();
  const logging = { on: (_line: string): void => undefined };
  const line = (fields: object, message: string) => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
    logging.on(message);
  };
  const log = { debug: line, info: line, warn: line, error: line };
  const pubsub = localPubSub(log);
  const store = options.storage ?? storage();
  const notifier = new Notifier({
    destinations: [webhook('ops', url, 'INFO')],
    storage: store,
    pubsub,
    log,
    now: () => START,
    // Where a wait ends only when the test says so, none ends by itself.
    ...(patience && { clock: () => 0 }),
    sleep: async (ms, signal) => {
      waits.push(ms);
      if (patience) {
        const aborted = new Promise<never>((_, reject) =>
          addAbortListener(signal, () => reject(signal.reason as Error)),
        );
        await Promise.race([sleepFor.promise, aborted]);
      } else await setTimeout(1, undefined, { signal });
    },
    ...options,
  });
  onTestFinished(() => notifier.stop());
  const ready = notifier.start();
  /** As the alert manager does it: recorded, then published. */
  const change = (changed: Alert) => {
    store.recordAlert(changed);
    pubsub.publish({ type: 'alert', pair: changed.pair, data: changed });
  };
  return { notifier, ready, storage: store, change, logged, waits, sleepFor, logging };
}

/** A place for a history, until the test is over. */
export function tempFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'lockstep.db');
}
