import { once } from 'node:events';
import { connect } from 'node:net';
import type { TableState } from '@lockstep/checks';
import { pairState, tableResult } from '@lockstep/fixture';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
  const { engine } = service;
  engine.pairStates = [pairState('pair0', { tables: { ...pairState('x').tables, total: 2000 } })];
  const known = Array.from({ length: 2000 }, (_, i): TableState => {
    const result = tableResult(`t${i}`, { pair: 'pair0' });
    return {
      ...{ pair: 'pair0', schema: 'shop', table: `t${i}`, rowsEstimated: 1, checking: false },
      ...{ checksum: result, consistency: result, standing: result },
    };
  });
  engine.tables = () => known;
});
afterEach(() => service.stop());

test('a client that goes in the middle of its answer ends nothing but that', async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listener);
  const many = Array.from(
    { length: 10 },
    (_, i) =>
      `a${i}: pair(name: "pair0") { tables(first: 400) { nodes { schema name checksum { verdict reason } } } }`,
  );
  const body = JSON.stringify({ query: `{ ${many.join(' ')} }` });
  const asks = (signal: AbortSignal) =>
    service
      .fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal })
      .then((answer) => answer.text())
      .catch(() => null);
  let cuts = 0;
  for (let i = 0; i < 12; i++) {
    const cut = new AbortController();
    const asked = Array.from({ length: 6 }, () => asks(cut.signal));
    setTimeout(() => cut.abort(), i * 10);
    cuts += (await Promise.all(asked)).filter((answer) => answer === null).length;
  }
  expect(cuts).toBeGreaterThan(12);
  for (const path of ['/graphql', '/api/session']) {
    for (let i = 0; i < 30; i++) {
      const socket = connect(Number(new URL(service.address).port), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"query":`,
      );
      setTimeout(() => socket.resetAndDestroy(), i);
      await once(socket, 'close');
    }
  }
  // Server-sent events.
  for (let i = 0; i < 20; i++) {
    const cut = new AbortController();
    const query = 'subscription { lag { pair lagMs } }';
    const asked = service
      .fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query }),
        signal: cut.signal,
      })
      .then((answer) => answer.text())
      .catch(() => null);
    setTimeout(() => cut.abort(), i * 5);
    await asked;
  }
  expect((await service.graphql('{ pairs { name } }')).data).toEqual({ pairs: [{ name: 'pair0' }] });
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
});
