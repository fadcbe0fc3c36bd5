import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStorage, silent } from '@lockstep/checks';
import { alert } from '@lockstep/fixture';
import { freePort } from '@lockstep/servers';
import { readEngineConfig } from '../engine-config.ts';
import { atMost, type Figure, plainFigure } from '../report/figure.ts';
import { median } from '../report/statistics.ts';
import { kilobytes, milliseconds, plain } from '../report/units.ts';
import { startService } from '../service/service-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const limitMs = 50;
const pageSize = 50;
const asked = 40;
const pairs = 300;

/** As the page asks for a page of its Alerts' history. */
const query = `query ($severities: [Severity!], $pair: String, $after: String) {
  alerts(states: [RESOLVED], severities: $severities, pair: $pair, first: ${pageSize}, after: $after) {
    nodes {
      id fingerprint rule severity state pair server table tableName { schema name } summary evidence wasWrong
      first { at severity evidence } worst { at severity evidence } last { at severity evidence }
      clearingSince startedAt firedAt updatedAt resolvedAt noData acknowledged { by at note }
      silencedUntil silencedBy inhibitedBy deliveries { destination told severity state at attempts error }
    }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;

type Filter = Record<string, unknown>;

/** From the question to all of its answer, by HTTP, of `lockstep serve` over a file with so many ended alerts. */
export async function measureAlertHistory(alerts: number): Promise<Figure[]> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await temporaryFolder(cleanup);
  const port = await freePort();
  const config = join(folder, 'lockstep.yaml');
  await writeFile(config, configOf(port, join(folder, 'history.db')));
  remember(config, alerts);
  const service = await startService(folder, config, port);
  cleanup.defer(() => service.stop());
  const begins = await pagesOf(port, {}, 1);
  if (begins.total !== alerts) throw new Error(`of ${alerts} alerts the service knows ${begins.total}`);
  const [onward, ofPair, ofSeverity] = [
    await pagesOf(port, {}, asked),
    await pagesOf(port, { pair: 'pair-7' }, asked),
    await pagesOf(port, { severities: ['WARNING'] }, asked),
  ];
  const slowest = (what: string, { tookMs }: Pages) =>
    atMost(`slowest page of ${plain(tookMs.length)}${what}`, Math.max(...tookMs), limitMs, milliseconds);
  return [
    slowest(' in turn', onward),
    plainFigure('  median', milliseconds(median(onward.tookMs))),
    slowest(' of one pair', ofPair),
    slowest(' of one severity', ofSeverity),
    plainFigure(`${pageSize} alerts, as sent`, kilobytes(onward.bytes)),
  ];
}

interface Pages {
  tookMs: number[];
  total: number;
  /** Of the last one. */
  bytes: number;
}

/** One after the other, and from the start again where they end. */
async function pagesOf(port: number, filter: Filter, count: number): Promise<Pages> {
  const pages: Pages = { tookMs: [], total: 0, bytes: 0 };
  let after: string | null = null;
  while (pages.tookMs.length < count) {
    const began = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { ...filter, after } }),
    });
    const text = await response.text();
    pages.tookMs.push(performance.now() - began);
    const { data, errors } = JSON.parse(text) as Answer;
    if (!data) throw new Error(`the service refused: ${JSON.stringify(errors)}`);
    const { pageInfo, totalCount } = data.alerts;
    Object.assign(pages, { total: totalCount, bytes: text.length });
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  }
  return pages;
}

interface Answer {
  data?: { alerts: { pageInfo: { hasNextPage: boolean; endCursor: string }; totalCount: number } };
  errors?: unknown;
}

/** Of servers that nobody reaches. */
function configOf(port: number, file: string): string {
  const nobody = (at: number) => ({ host: '127.0.0.1', port: at, user: 'u', password: 'p' });
  return JSON.stringify({
    servers: { a: nobody(1), b: nobody(2) },
    pairs: [{ name: 'pair-7', source: 'a', target: 'b' }],
    storage: { file },
    http: { port },
  });
}

/** One in ten seconds, each for half of that. */
function remember(config: string, alerts: number): void {
  const { engine } = readEngineConfig(config);
  const storage = openStorage(engine.storage, { log: silent, bufferRows: 2 * alerts });
  const now = Date.now();
  for (let i = 0; i < alerts; i++) {
    const startedAt = new Date(now - (i + 1) * 10_000);
    const resolvedAt = new Date(startedAt.getTime() + 5_000);
    const severity = i % 5 === 0 ? 'CRITICAL' : 'WARNING';
    const ended = {
      state: 'resolved' as const,
      startedAt,
      firedAt: startedAt,
      updatedAt: resolvedAt,
      resolvedAt,
    };
    storage.recordAlert(alert(`alert-${i}`, { ...ended, severity, pair: `pair-${i % pairs}` }));
  }
  storage.close();
}
