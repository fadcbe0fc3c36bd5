import { expect, test } from 'vitest';
import { verifyOnce } from '../../src/engine/verify-once.ts';
import { silent } from '../../src/log.ts';
import { pairConfig } from '../support/config.ts';
import { engineConfig } from '../support/engine.ts';

const nowhere = (name: string) => ({
  name,
  host: '127.0.0.1',
  port: 1,
  user: 'u',
  password: () => Promise.resolve('p'),
  tls: null,
  serverPublicKey: null,
});

test('a run that is stopped says what stopped it', async () => {
  const verify = (signal: AbortSignal) =>
    verifyOnce({
      engine: {
        ...engineConfig({ servers: {}, pairs: [] }),
        servers: ['source', 'target'].map(nowhere),
      },
      pair: pairConfig([]),
      only: null,
      signal,
      log: silent,
      onProgress: () => undefined,
      onResult: () => undefined,
    });
  expect(await verify(AbortSignal.abort(new Error('its time limit of 1 s')))).toMatchObject({
    state: 'cancelled',
    evidence: 'cancelled by its time limit of 1 s',
  });
  expect(await verify(AbortSignal.abort())).toMatchObject({ evidence: 'cancelled by request' });
});
