import { silent } from '@lockstep/checks';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
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

test.each(['variables=[', 'variables=%5B%zz', 'extensions=%7B'])(
  'a question in an address that cannot be read (%s) is said to be so, and no error of the service',
  async (wrong) => {
    const logged = vi.fn();
    await using noisy = await startService({ log: { ...silent, error: logged } });
    const response = await noisy.fetch(`/graphql?query={version}&${wrong}`, {
      headers: { accept: 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('is not valid JSON') as string }],
    });
    expect(logged).not.toHaveBeenCalled();
  },
);

test.each(['text/html', 'application/xml, x/y'])(
  'what is asked by a client that takes no answer of ours (%s) is not done',
  async (accept) => {
    const paused = vi.spyOn(service.engine, 'pausePair');
    onTestFinished(() => paused.mockRestore());
    const ask = (taken: string) =>
      service.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: taken },
        body: JSON.stringify({ query: 'mutation { pausePair(name: "orders") { __typename } }' }),
      });
    expect((await ask(accept)).status).toBe(406);
    expect(paused).not.toHaveBeenCalled();
    for (const taken of [`${accept}, */*;q=0.1`, 'Application/*', 'application/json; charset=utf-8']) {
      expect((await ask(taken)).status).toBe(200);
    }
    expect(paused).toHaveBeenCalledTimes(3);
  },
);
