import { alert, silence } from '@lockstep/fixture';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

async function ask(query: string, variables: object = {}): Promise<unknown> {
  const response = await service.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

test('silences are listed with what they mean and when they hold', async () => {
  const recurrence = { cron: '0 2 * * *', timeZone: 'Europe/Berlin', durationMs: 3_600_000 };
  service.engine.silenceList = [
    silence('s1', { matcher: { table: 'shop.*', labels: { env: 'prod' } } }),
    silence('maintenance: nightly', {
      by: null,
      recurrence,
      until: null,
      state: 'scheduled',
      activeUntil: null,
    }),
  ];
  const answer = await ask(`{ silences { id by state activeUntil matcher { pair table labels { name value } }
    recurrence { cron timeZone durationMs } } }`);
  expect(answer).toMatchObject({
    silences: [
      {
        id: 's1',
        by: 'ana',
        state: 'ACTIVE',
        matcher: { pair: null, table: 'shop.*', labels: [{ name: 'env', value: 'prod' }] },
        recurrence: null,
      },
      { id: 'maintenance: nightly', by: null, state: 'SCHEDULED', activeUntil: null, recurrence },
    ],
  });
});

test('a silence is previewed, made, ended and given back, and an acknowledgement taken back', async () => {
  service.engine.deeds.length = 0;
  service.engine.preview = { now: 3, lastWeek: 14, complete: true, examples: [] };
  const preview = await ask(
    'query ($matcher: AlertMatcherInput!) { silencePreview(matcher: $matcher) { now lastWeek complete } }',
    { matcher: { rule: 'lag' } },
  );
  expect(preview).toEqual({ silencePreview: { now: 3, lastWeek: 14, complete: true } });
  await ask(
    `mutation ($matcher: AlertMatcherInput!, $recurrence: RecurrenceInput) {
      createSilence(matcher: $matcher, recurrence: $recurrence, note: "load") { __typename }
      endSilence(id: "s1") { __typename ... on Silence { state endedBy } }
      restoreSilence(id: "s1") { __typename }
      unacknowledgeAlert(id: "1") { __typename ... on Alert { acknowledged { by } } }
    }`,
    {
      matcher: { server: 'db2', labels: [{ name: 'env', value: 'prod' }] },
      recurrence: { cron: '0 2 * * *', durationMs: 60_000 },
    },
  );
  const who = service.engine.deeds[0]?.split(' ')[0] ?? '';
  const wanted = {
    matcher: { server: 'db2', labels: { env: 'prod' } },
    from: null,
    until: null,
    recurrence: { cron: '0 2 * * *', durationMs: 60_000, timeZone: null },
    note: 'load',
  };
  expect(service.engine.deeds).toEqual([
    `${who} makes a silence: ${JSON.stringify(wanted)}`,
    `${who} ends silence s1`,
    `${who} gives back silence s1`,
    `${who} takes back the acknowledgement of 1`,
  ]);
});

test('an alert says what was wrong first, at its worst and last, and what silences it', async () => {
  const seen = (evidence: string) => ({
    at: new Date('2026-03-01T12:00:00Z'),
    severity: 'WARNING' as const,
    evidence,
    size: 1,
  });
  service.engine.alertList = [
    alert('1', {
      first: seen('a'),
      worst: seen('b'),
      last: seen('c'),
      clearingSince: new Date('2026-03-01T12:01:00Z'),
      silencedBy: ['s1'],
    }),
    alert('2'),
  ];
  expect(
    await ask(
      '{ alerts { nodes { first { evidence } worst { evidence at } last { evidence } clearingSince silencedBy } } }',
    ),
  ).toEqual({
    alerts: {
      nodes: [
        {
          first: { evidence: 'a' },
          worst: { evidence: 'b', at: '2026-03-01T12:00:00.000Z' },
          last: { evidence: 'c' },
          clearingSince: '2026-03-01T12:01:00.000Z',
          silencedBy: ['s1'],
        },
        { first: null, worst: null, last: null, clearingSince: null, silencedBy: [] },
      ],
    },
  });
});
