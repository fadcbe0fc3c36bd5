import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
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
