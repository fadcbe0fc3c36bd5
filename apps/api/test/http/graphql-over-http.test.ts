import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const audits = serverAudits({ url: () => `${service.address}/graphql` });

test('there are audits', () => {
  expect(audits.length).toBeGreaterThanOrEqual(61);
});

test.each(audits.map((audit) => [audit.name, audit] as const))(
  'GraphQL over HTTP is served as its specification has it: %s',
  async (_name, audit) => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  },
);
