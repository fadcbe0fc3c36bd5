import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { expect, onTestFinished, test } from 'vitest';
import { clientGone, tellRejections } from '../src/rejections.ts';

test('a promise that fails and that nobody waits for is told, and does not end the program', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    `import { tellRejections } from ${JSON.stringify(new URL('../src/rejections.ts', import.meta.url).href)};
     const told = [];
     const telling = tellRejections({ happened: (what, error) => told.push(what + ': ' + error) });
     void Promise.reject('its client has gone');
     setTimeout(() => {
       telling[Symbol.dispose]();
       console.log(JSON.stringify([told, process.listenerCount('unhandledRejection')]));
     }, 10);`,
  ]);
  expect(JSON.parse(stdout)).toEqual([['what nobody waits for: its client has gone'], 0]);
});

test.each([
  ['as it was asked', false],
  ['once all of its question was read', true],
])('that a client has gone %s is no unexpected error', async (_, read) => {
  const asked = Promise.withResolvers<AbortSignal>();
  const server = createAdaptorServer({
    fetch: async (question) => {
      const { signal } = question;
      if (read) await question.text();
      asked.resolve(signal);
      return new Promise<Response>(() => undefined);
    },
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const question = request({ host: '127.0.0.1', port, method: 'POST', headers: { 'content-length': 2 } });
  question.on('error', () => undefined).write('{');
  if (read) question.end('}');
  const signal = await asked.promise;
  const gone = once(signal, 'abort');
  question.destroy();
  await gone;
  expect([...clientGone]).toContain(signal.reason);

  const before = process.listeners('unhandledRejection');
  const told: unknown[] = [];
  const telling = tellRejections({ happened: (_what, error) => told.push(error) });
  onTestFinished(() => telling[Symbol.dispose]());
  const listener = process.listeners('unhandledRejection').find((each) => !before.includes(each));
  listener?.(signal.reason, Promise.resolve());
  listener?.('another reason', Promise.resolve());
  expect(told).toEqual(['another reason']);
});
