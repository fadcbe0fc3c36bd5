import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { postJson } from '../../src/notify/post-json.ts';

test('of what a destination says of its answer as much is kept as a sentence holds', async () => {
  const door = createServer((client) => {
    client.on('error', () => {});
    client.once('data', () => client.end(`HTTP/1.1 500 ${'x'.repeat(10_000)}\r\ncontent-length: 0\r\n\r\n`));
  });
  onTestFinished(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const { port } = door.address() as AddressInfo;
  const sent = postJson(`http://127.0.0.1:${port}/`, {}, {}, new AbortController().signal);
  await expect(sent).rejects.toThrow(/^it answered 500 x{250}$/);
});

/** Answers with what it was asked by, as some servers do in place of a reason. */
async function parrot(pick: (request: string) => string): Promise<string> {
  const door = createServer((client) => {
    client.on('error', () => {});
    client.once('data', (request) =>
      client.end(`HTTP/1.1 404 ${pick(request.toString('latin1'))}\r\ncontent-length: 0\r\n\r\n`),
    );
  });
  onTestFinished(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return `127.0.0.1:${(door.address() as AddressInfo).port}`;
}

test.each<[what: string, pick: (request: string) => string]>([
  ['the address', (request) => /^POST (\S+)/.exec(request)?.[1] ?? ''],
  ['a part of it', () => '/T000SECRET/unknown'],
  ['the key behind it', () => 'no such key: b/c SECRET'],
  ['the account', (request) => /authorization: (.*)/i.exec(request)?.[1] ?? ''],
  ['the password', () => 'anna may not: pass/SECRET'],
  ['a header', (request) => /x-key: (.*)/i.exec(request)?.[1] ?? ''],
  ['the token in one', () => 'token SECRET-token is unknown'],
])('of a destination that says %s in place of a reason that is not told', async (_, pick) => {
  const place = await parrot(pick);
  const url = `http://anna:pass%2FSECRET@${place}/services/T000SECRET/x?token=b%2Fc%20SECRET`;
  const headers = { 'X-Key': 'Bearer SECRET-token' };
  const sent = postJson(url, {}, headers, new AbortController().signal);
  const error: Error = await sent.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );
  expect(error.message).toMatch(/^it answered 404 .*••••/);
  expect(error.message).not.toMatch(/SECRET|U0VDUkVU/);
});

/** Answers soon after it was asked, whatever this thread does, and says in `asked` that it was. */
const elsewhere = `
  const { createServer } = require('node:http');
  const { parentPort, workerData: asked } = require('node:worker_threads');
  const door = createServer((_, answer) => {
    Atomics.store(asked, 0, 1);
    Atomics.notify(asked, 0);
    setTimeout(() => answer.end(), 500);
  });
  door.listen(0, '127.0.0.1', () => parentPort.postMessage(door.address().port));
`;

test('a destination that answered while this process was held up did not answer late', async () => {
  const asked = new Int32Array(new SharedArrayBuffer(4));
  const door = new Worker(elsewhere, { eval: true, workerData: asked });
  onTestFinished(() => void door.terminate());
  const [port] = (await once(door, 'message')) as [number];
  const sent = postJson(`http://127.0.0.1:${port}/`, {}, {}, new AbortController().signal);
  await Atomics.waitAsync(asked, 0, 0).value;
  // Longer than a destination may take.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_500);
  await sent;
});
