import type { AlertManager } from '../alerts/alert-manager.ts';
import type { SilenceBook } from '../alerts/silences/silence-book.ts';
import type { AlertMatcher, SilencePreview } from '../model/silence.ts';
import type { MetricsStorage } from '../storage/storage.ts';

const weekMs = 7 * 24 * 3_600_000;
const mostExamples = 5;
const perPage = 200;
/** Read at once, while all else waits: some ten milliseconds. */
const mostRead = 2_000;

export interface PreviewOptions {
  book: SilenceBook;
  alerts: AlertManager;
  storage: MetricsStorage;
}

/** What a silence would hit. Throws EngineRequestError for a matcher that makes no sense, and StorageError. */
export function previewSilence(
  { book, alerts, storage }: PreviewOptions,
  matcher: AlertMatcher,
  now: Date,
): SilencePreview {
  const fits = book.fit(matcher);
  const open = alerts.open().filter(fits);
  const since = now.getTime() - weekMs;
  let lastWeek = 0;
  let read = 0;
  let cursor: string | null = null;
  let complete = false;
  while (!complete && read < mostRead) {
    const page = storage.alerts({ states: ['firing', 'resolved'] }, { limit: perPage, cursor });
    const within = page.items.filter(({ startedAt }) => startedAt.getTime() >= since);
    lastWeek += within.filter(fits).length;
    read += page.items.length;
    cursor = page.nextCursor;
    complete = cursor === null || within.length < page.items.length;
  }
  const examples = open
    .slice(0, mostExamples)
    .map(({ id, summary, pair, server, table }) => ({ id, summary, pair, server, table }));
  return { now: open.length, examples, lastWeek, complete };
}
