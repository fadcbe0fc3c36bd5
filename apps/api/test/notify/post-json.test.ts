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
