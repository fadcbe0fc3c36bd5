import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { notify, receiver, resolved, storage, tempFile } from './fixtures.ts';
import { beginByClock, grouped, keysOf, over, tables } from './group-fixtures.ts';

/** Runs a program that tells of alerts, and kills it as soon as its log says so. */
async function killed(program: string, args: string[], when: RegExp): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'children', program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) if (when.test(line)) break;
  child.kill('SIGKILL');
  await ended;
}

/** The program, begun anew over what the one that was killed left behind. */
async function comesBack(file: string, url: string) {
  const begun = beginByClock([grouped(url)], { storage: storage(file) });
  await begun.ready;
  return begun;
}

test('a program that is killed before its message arrived brings it when it comes back', async () => {
  const file = tempFile();
  const ops = await receiver();
  await ops.close();
  await killed('fire.ts', [file, ops.url], /failed/);

  const again = await receiver();
  const { storage: store } = notify(again.url, { storage: storage(file) });
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(again.received.map(({ body }) => body['key'])).toEqual(['a1/firing/WARNING']);
  expect(store.openAlerts()).toHaveLength(1);
});

test('a program that is killed once its message arrived does not bring it again', async () => {
  const file = tempFile();
  const ops = await receiver();
  await killed('fire.ts', [file, ops.url], /delivered/);

  const { storage: store, change } = notify(ops.url, { storage: storage(file) });
  change(resolved());
  await expect.poll(() => ops.received).toHaveLength(2);
  expect(ops.received.map(({ body }) => body['key'])).toEqual(['a1/firing/WARNING', 'a1/resolved']);
  await expect.poll(() => store.deliveries('a1').map(({ state }) => state)).toContain('delivered');
});

test('a program that is killed while it gathers tells all of it when it comes back, and once', async () => {
  const file = tempFile();
  const ops = await receiver();
  await killed('gather.ts', [file, ops.url, '3600000'], /gathering/);
  expect(ops.received).toEqual([]);

  const { change, pass, storage: store } = await comesBack(file, ops.url);
  const many = tables(60);
  for (const one of many) change(one);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(ops.received).toHaveLength(1);
  expect(keysOf(ops.received[0]?.body)).toHaveLength(60);
  for (const one of many) change(over(one));
  pass(60_000);
  await expect.poll(() => ops.received).toHaveLength(2);
  expect(ops.received[1]?.body).toMatchObject({ event: 'resolved', group: { firing: 0 } });
});

test('a group that was sent when the program was killed goes out again as it was, under its key', async () => {
  const file = tempFile();
  const ops = await receiver();
  ops.refuse = () => true;
  await killed('gather.ts', [file, ops.url, '0'], /failed/);
  const sent = ops.received.map(({ body }) => [body['key'], keysOf(body)]);
  ops.refuse = () => false;

  const { change, pass, storage: store } = await comesBack(file, ops.url);
  const late = tables(61).at(-1)!;
  change(late);
  pass(60_000);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  const again = ops.received.slice(sent.length).map(({ body }) => [body['key'], keysOf(body)]);
  expect(again[0]).toEqual(sent[0]);
  // What happened since is a message of its own.
  expect(again.slice(1)).toEqual([[expect.not.stringMatching(String(sent[0]![0])), [late.id]]]);
});

test('a group that arrived before the program was killed is not told again', async () => {
  const file = tempFile();
  const ops = await receiver();
  await killed('gather.ts', [file, ops.url, '0'], /delivered/);
  const { change, pass, storage: store } = await comesBack(file, ops.url);
  for (const one of tables(60)) change(one);
  change(over(tables(1)[0]!));
  pass(60_000);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(ops.received.map(({ body }) => [body['event'], keysOf(body).length])).toEqual([
    ['firing', 60],
    ['resolved', 1],
  ]);
});

test('a group of which it was being noted that it arrived when the program was killed is not told again', async () => {
  const file = tempFile();
  const ops = await receiver();
  await killed('gather.ts', [file, ops.url, '0', '30'], /it kills itself/);
  const { change, pass, storage: store } = await comesBack(file, ops.url);
  expect(store.waitingDeliveries()).toEqual([]);
  for (const one of tables(60)) change(one);
  change(over(tables(60).at(-1)!));
  pass(60_000);
  await expect.poll(() => ops.received).toHaveLength(2);
  expect(ops.received.map(({ body }) => [body['event'], keysOf(body).length])).toEqual([
    ['firing', 60],
    ['resolved', 1],
  ]);
  await expect
    .poll(() => store.deliveries('shop-t60'))
    .toMatchObject([{ state: 'delivered', attempts: 1 }, { state: 'delivered' }]);
});
