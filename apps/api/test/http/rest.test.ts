import { StorageError } from '@lockstep/checks';
import { alert, serverState } from '@lockstep/fixture';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { operatorToken, type Service, startService, tokens } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());
beforeEach(() => {
  service.engine.breakdown = null;
  service.engine.own.ok = true;
  service.engine.own.storage.ok = true;
  service.engine.alertList = [
    alert('1'),
    alert('2', { state: 'resolved' }),
    alert('3', { severity: 'INFO', state: 'pending' }),
    alert('4', { pair: 'stock' }),
  ];
});

async function get(path: string) {
  const response = await service.fetch(path);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const idsOf = async (path: string) => {
  const { body } = await get(path);
  return (body['alerts'] as { id: string }[]).map(({ id }) => id);
};

test('/api/metrics tells the current state of every pair', async () => {
  const { status, body } = await get('/api/metrics');
  expect(status).toBe(200);
  expect(body['pairs']).toMatchObject([
    {
      name: 'orders',
      state: 'in-sync',
      evidence: 'lag 0 ms < 10 s',
      lag: { lagMs: 0 },
      tables: { total: 3 },
    },
    { name: 'stock', state: 'unknown', lag: null },
  ]);
});

test.each(['/api/metrics', '/api/alerts', '/metrics', '/graphql?query={__schema{types{name}}}'])(
  '%s is sent compressed to who can read it, and as it is to who cannot',
  async (path) => {
    service.engine.alertList = Array.from({ length: 50 }, (_, i) => alert(String(i)));
    const [small, plain] = await Promise.all(
      ['gzip', 'identity'].map((encoding) =>
        service.fetch(path, { headers: { 'accept-encoding': encoding } }),
      ),
    );
    expect(small?.headers.get('content-encoding')).toBe('gzip');
    expect(small?.headers.get('vary')).toMatch(/accept-encoding/i);
    expect(plain?.headers.get('content-encoding')).toBeNull();
    expect((await small?.text())?.slice(0, 20)).toBe((await plain?.text())?.slice(0, 20));
  },
);

test('/api/metrics can be asked for one pair', async () => {
  const { body } = await get('/api/metrics?pair=stock');
  expect(body['pairs']).toMatchObject([{ name: 'stock' }]);
});

test('/api/alerts filters by state, severity and pair, in any case and in lists', async () => {
  expect(await idsOf('/api/alerts')).toEqual(['1', '2', '3', '4']);
  expect(await idsOf('/api/alerts?state=firing')).toEqual(['1', '4']);
  expect(await idsOf('/api/alerts?state=FIRING,pending')).toEqual(['1', '3', '4']);
  expect(await idsOf('/api/alerts?state=firing&state=resolved')).toEqual(['1', '2', '4']);
  expect(await idsOf('/api/alerts?severity=info')).toEqual(['3']);
  expect(await idsOf('/api/alerts?pair=stock&severity=critical&state=firing')).toEqual(['4']);
});

test('/api/alerts comes in pages', async () => {
  const { body } = await get('/api/alerts?first=3');
  expect(body).toMatchObject({ totalCount: 4, nextCursor: '3' });
  expect(await idsOf('/api/alerts?first=3&after=3')).toEqual(['4']);
});

test.each([
  ['/api/alerts?state=burning', 'state', 'pending, firing, resolved'],
  ['/api/alerts?severity=critical,bad', '"bad"', 'CRITICAL, WARNING, INFO'],
  ['/api/alerts?serverity=critical', 'serverity', 'state, severity, pair'],
  ['/api/alerts?first=0', 'first', '1 to 200'],
  ['/api/alerts?first=1e2', 'first', '1 to 200'],
  ['/api/alerts?pair=orders&pair=stock', 'pair', 'once'],
])('%s is refused, naming what is wrong and what would be right', async (path, wrong, right) => {
  const { status, body } = await get(path);
  expect(status).toBe(400);
  const { message } = body['error'] as { message: string };
  expect(message).toContain(wrong);
  expect(message).toContain(right);
});

test.each(['/api/alerts?pair=nope', '/api/metrics?pair=nope'])(
  '%s is not found, for "none" would read like "all is well"',
  async (path) => {
    expect(await get(path)).toEqual({
      status: 404,
      body: { error: { code: 'NOT_FOUND', message: 'There is no pair named "nope".' } },
    });
  },
);

test('history that cannot be read is said to be so, at every door', async () => {
  const { alerts } = service.engine;
  onTestFinished(() => void (service.engine.alerts = alerts));
  service.engine.alerts = () => {
    throw new StorageError('unreadable', 'cannot read /var/lockstep.db: disk I/O error');
  };
  const message = 'cannot read /var/lockstep.db: disk I/O error';
  expect(await get('/api/alerts')).toEqual({
    status: 503,
    body: { error: { code: 'UNAVAILABLE', message } },
  });
  const { errors } = await service.graphql('{ alerts { totalCount } }');
  expect(errors).toMatchObject([{ message, extensions: { code: 'UNAVAILABLE' } }]);
  const metrics = await (await service.fetch('/metrics')).text();
  expect(metrics).toContain('\nlockstep_pair_state{');
  expect(metrics).not.toContain('\nlockstep_alerts{');
});

test('health is good while the program works, whatever the servers do', async () => {
  service.engine.serverStates = [
    serverState('primary', { connection: 'disconnected', evidence: 'connection refused' }),
  ];
  const { status, body } = await get('/api/health');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ok: true,
    version: '1.2.3',
    evidence: 'sampling 2 pairs',
    storage: { ok: true, file: ':memory:' },
    servers: [{ name: 'primary', connection: 'disconnected', evidence: 'connection refused' }],
  });
});

test.each(['engine', 'storage'] as const)('health is bad when the %s does not work', async (what) => {
  if (what === 'engine') service.engine.own.ok = false;
  else service.engine.own.storage.ok = false;
  for (const path of ['/api/health', '/api/health/ready']) {
    expect(await get(path)).toMatchObject({ status: 503, body: { ok: false } });
  }
  expect(await get('/api/health/live')).toMatchObject({ status: 200, body: { ok: true } });
  const { data } = await service.graphql('{ health { ok } }');
  expect(data).toEqual({ health: { ok: false } });
});

test('a probe without a token learns whether it works, and no more', async () => {
  await using closed = await startService({ auth: tokens });
  const probe = await closed.fetch('/api/health');
  expect(probe.status).toBe(200);
  expect(await probe.json()).toEqual({ ok: true });
  const full = await closed.fetch('/api/health', { headers: { authorization: `Bearer ${operatorToken}` } });
  expect(await full.json()).toHaveProperty('servers');
});

test.each([
  ['PUT', '/api/alerts', 'GET, HEAD'],
  ['POST', '/metrics', 'GET, HEAD'],
  ['PUT', '/api/session', 'GET, HEAD, POST, DELETE'],
  ['POST', '/pairs/orders', 'GET, HEAD'],
])('%s %s is refused, naming the methods that there are', async (method, path, allowed) => {
  const response = await service.fetch(path, { method });
  expect([response.status, response.headers.get('allow')]).toEqual([405, allowed]);
  expect(await response.json()).toMatchObject({ error: { code: 'INVALID' } });
});

test('a plain request for the WebSocket is told to upgrade', async () => {
  const response = await service.fetch('/ws');
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
});

test.each([
  ['GET', '/api/nothing'],
  ['POST', '/api/nothing'],
])('%s %s is answered by JSON that says that there is none', async (method, path) => {
  const response = await service.fetch(path, { method });
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({
    error: { code: 'NOT_FOUND', message: `There is no ${method} ${path}.` },
  });
});

test('an unexpected error is masked', async () => {
  service.engine.breakdown = new Error('the password is hunter2');
  expect(await get('/api/metrics')).toEqual({
    status: 500,
    body: { error: { code: 'INTERNAL', message: 'Unexpected error.' } },
  });
});
