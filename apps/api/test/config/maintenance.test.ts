import { expect, test } from 'vitest';
import { loaded, MINIMAL, problems } from './write.ts';

const maintenance = (...windows: object[]) => `${MINIMAL}maintenance: ${JSON.stringify(windows)}`;
const nightly = { name: 'nightly', match: { pair: 'orders' }, cron: '0 2 * * *', duration: '90m' };

test('maintenance recurs by a cron pattern in a time zone, or is once from an instant to another', () => {
  const once = { name: 'move', match: { labels: { env: 'prod' } }, until: '2026-12-02T05:00:00+01:00' };
  const { engine } = loaded(maintenance({ ...nightly, timeZone: 'Europe/Berlin' }, once));
  expect(engine.maintenance).toEqual([
    {
      name: 'nightly',
      matcher: { pair: 'orders' },
      from: null,
      until: null,
      recurrence: { cron: '0 2 * * *', timeZone: 'Europe/Berlin', durationMs: 90 * 60_000 },
    },
    {
      name: 'move',
      matcher: { labels: { env: 'prod' } },
      from: null,
      until: new Date('2026-12-02T04:00:00Z'),
      recurrence: null,
    },
  ]);
  expect(loaded(MINIMAL).engine.maintenance).toBeUndefined();
});

test('what makes no maintenance is named with its place', () => {
  const said = (more: object) => problems(maintenance({ ...nightly, ...more })).join('\n');
  expect(said({ match: {} })).toMatch(/maintenance\[0\]\.match.*at least one of/s);
  expect(said({ duration: undefined })).toMatch(/maintenance\[0\].*cron with duration, or until/s);
  expect(said({ cron: undefined, duration: undefined })).toMatch(/cron with duration, or until/);
  expect(said({ cron: '* * * * * *' })).toMatch(/cron.*five fields/s);
  expect(said({ timeZone: 'Mars/Olympus' })).toMatch(/timeZone.*Europe\/Berlin/s);
  expect(said({ from: 'tomorrow' })).toMatch(/from.*an instant such as/s);
  expect(said({ from: '2026-12-02T00:00:00Z', until: '2026-12-01T00:00:00Z' })).toMatch(/from before until/);
  expect(problems(maintenance(nightly, nightly)).join('\n')).toMatch(/a name for each of its own/);
});
