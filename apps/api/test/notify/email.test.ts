import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import type { Message } from '../../src/notify/destination.ts';
import { email } from '../../src/notify/email.ts';
import { alert, notify } from './fixtures.ts';
import { grouping, notifyByClock, over, tables } from './group-fixtures.ts';
import { mailServer, readable } from './mail-server.ts';

const letter = { from: 'Lockstep <lockstep@example.com>', to: ['dba@example.com', 'ops@example.com'] };

test('sixty tables that differ are one mail, with a digest and a link, and their end is in its conversation', async () => {
  const post = await mailServer();
  const mail = {
    ...email('mail', `smtp://us%20er:p%40ss@${post.place}`, 'INFO', letter, { 'X-Team': 'shop' }),
    grouping: grouping(),
  };
  const {
    change,
    pass,
    storage: store,
  } = await notifyByClock([mail], { publicUrl: 'https://ops.example.com/lockstep/' });
  const many = tables(60);
  for (const one of many) change(one);
  pass(10_000);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(post.received).toHaveLength(1);
  const [told] = post.received;
  expect(told).toMatchObject({ user: 'us er', to: letter.to });
  expect(told?.text).toMatch(/^Subject: \[Lockstep\] CRITICAL: 60 tables differ in shop → replica-b$/m);
  expect(told?.text).toMatch(/^X-Team: shop$/m);
  expect(told?.text).toContain('CRITICAL · shop.t01: 1 rows differ\n');
  expect(told?.text).toContain('CRITICAL · shop.t10: 10 rows differ\n…and 50 more\n');
  expect(told?.text).not.toContain('shop.t11');
  expect(told?.text).toContain('https://ops.example.com/lockstep/pairs/shop%20%E2%86%92%20replica-b\n');

  for (const one of many) change(over(one));
  pass(60_000);
  await expect.poll(() => post.received).toHaveLength(2);
  const references = post.received.map(({ text }) => /^References: (\S+)$/m.exec(text)?.[1]);
  expect(references[0]).toMatch(/@example\.com>$/);
  expect(references[1]).toBe(references[0]);
  expect(post.received[1]?.text).toMatch(/^Subject: \[Lockstep\] Resolved: 60 tables differ/m);
});

test('a mail that was not taken at once comes again as the same mail', async () => {
  let refusals = 1;
  const ids: string[] = [];
  const post = await mailServer({
    onData(stream, _session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        ids.push(/^Message-ID: (\S+)/m.exec(readable(Buffer.concat(parts)))?.[1] ?? '');
        done(refusals-- > 0 ? Object.assign(new Error('greylisted'), { responseCode: 451 }) : null);
      });
    },
  });
  const {
    change,
    storage: store,
    logged,
  } = notify('', {
    destinations: [email('mail', `smtp://${post.place}`, 'INFO', letter)],
  });
  change(alert());
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
  expect(logged[0]).toContain('notification to mail failed: it answered 451 greylisted; it is tried again');
});

test('whom the server does not know is named, and the others have their mail', async () => {
  const post = await mailServer({
    onRcptTo: ({ address }, _session, done) =>
      done(
        address.startsWith('ops') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null,
      ),
  });
  const { change, storage: store } = notify('', {
    destinations: [email('mail', `smtp://${post.place}`, 'INFO', letter)],
  });
  change(alert());
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(post.received).toHaveLength(1);
  expect(store.deliveries('a1')).toMatchObject([
    { state: 'delivered', error: 'accepted in part: not for ops@example.com' },
  ]);
});

test('a test says why it cannot arrive: a wrong password, nobody there; and never the password', async () => {
  const [post, gone] = [await mailServer(), await mailServer()];
  await gone.close();
  const { notifier, logged } = notify('', {
    destinations: [
      email('ok', `smtp://${post.place}`, 'CRITICAL', letter),
      email('wrong', `smtp://user:SECRET@${post.place}`, 'INFO', letter),
      email('gone', `smtp://user:SECRET@${gone.place}`, 'INFO', letter),
    ],
  });
  const told = await notifier.test('anna');
  expect(told).toEqual([
    { name: 'ok', ok: true, message: expect.stringMatching(/^accepted after/) as string },
    { name: 'wrong', ok: false, message: expect.stringMatching(/^it answered 535 /) as string },
    { name: 'gone', ok: false, message: 'it cannot be reached (ECONNREFUSED)' },
  ]);
  expect(post.received[0]?.text).toContain('anna asked for this test; nothing is wrong');
  expect(JSON.stringify([told, logged])).not.toContain('SECRET');
});

test('what a server said makes no header', async () => {
  const post = await mailServer();
  const { change } = notify('', { destinations: [email('mail', `smtp://${post.place}`, 'INFO', letter)] });
  change(alert({ summary: 'x\r\nBcc: victim@example.com', evidence: 'a\r\n.\r\nQUIT' }));
  await expect.poll(() => post.received).toHaveLength(1);
  expect(post.received[0]?.to).toEqual(letter.to);
  expect(post.received[0]?.text).not.toMatch(/^Bcc:/m);
  expect(post.received[0]?.text).not.toMatch(/^QUIT/m);
});

/** Takes a mail, and says so soon after it has it, whatever this thread does; `asked` says that it has it. */
const mailServerElsewhere = `
  const { createServer } = require('node:net');
  const { parentPort, workerData: asked } = require('node:worker_threads');
  const door = createServer((client) => {
    const say = (text) => client.write(text + '\\r\\n');
    say('220 here');
    // Whatever pieces it comes in.
    let text = '';
    client.on('data', (data) => {
      text += data;
      if (!text.endsWith('\\r\\n')) return;
      if (text.endsWith('\\r\\n.\\r\\n')) {
        Atomics.store(asked, 0, 1);
        Atomics.notify(asked, 0);
        setTimeout(say, 500, '250 taken');
      } else if (text.startsWith('DATA')) say('354 go on');
      else if (/^(EHLO|MAIL|RCPT)/.test(text)) say('250 well');
      else return;
      text = '';
    });
  });
  door.listen(0, '127.0.0.1', () => parentPort.postMessage(door.address().port));
`;

test('a mail that was taken while this process was held up has arrived', async () => {
  const asked = new Int32Array(new SharedArrayBuffer(4));
  const door = new Worker(mailServerElsewhere, { eval: true, workerData: asked });
  onTestFinished(() => void door.terminate());
  const [port] = (await once(door, 'message')) as [number];
  const { change, storage: store } = notify('', {
    destinations: [email('mail', `smtp://127.0.0.1:${port}`, 'INFO', letter)],
  });
  change(alert());
  await Atomics.waitAsync(asked, 0, 0).value;
  // Longer than a mail server may say nothing.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_500);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(store.deliveries('a1')).toMatchObject([{ state: 'delivered', attempts: 1 }]);
});

function messageOf(): Message {
  const one = alert();
  return {
    key: 'k',
    event: 'firing',
    alert: one,
    alerts: [one],
    group: null,
    earlier: new Map(),
    link: null,
  };
}

test.each([
  ['empty lines', '\r\n'],
  ['lines of blanks', ' \n'],
])('a mail server that says nothing but %s is not listened to for long', async (_, line) => {
  const door = createServer((client) => {
    client.on('error', () => undefined);
    client.end(line.repeat(1024 * 1024));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void door.close());
  await once(door, 'listening');
  const { port } = door.address() as AddressInfo;
  const destination = email('mail', `smtp://127.0.0.1:${port}`, 'INFO', letter);
  await expect(destination.send(messageOf(), new AbortController().signal)).rejects.toThrow(
    'it says what is not SMTP, or more than a mail takes',
  );
});

test('a password with a percent sign is the one that stands there', async () => {
  const tried: unknown[] = [];
  const post = await mailServer({
    onAuth: ({ username, password }, _session, done) => {
      tried.push(username, password);
      done(null, { user: username ?? undefined });
    },
  });
  const { notifier } = notify('', {
    destinations: [email('mail', `smtp://100%:p%ss%20@${post.place}`, 'INFO', letter)],
  });
  expect(await notifier.test('anna')).toMatchObject([{ ok: true }]);
  expect(tried).toEqual(['100%', 'p%ss ']);
});

test.each([
  ['as it is', 'SECRET-word'],
  ['as it was sent', Buffer.from('\0anna\0SECRET-word').toString('base64')],
])('a password that a server repeats (%s) is not told', async (_, quoted) => {
  const post = await mailServer({
    onAuth: (_auth, _session, done) =>
      done(Object.assign(new Error(`AUTH PLAIN ${quoted} is wrong`), { responseCode: 535 })),
  });
  const { notifier, logged } = notify('', {
    destinations: [email('mail', `smtp://anna:SECRET-word@${post.place}`, 'INFO', letter)],
  });
  expect(await notifier.test('anna')).toMatchObject([
    { ok: false, message: 'it answered 535 AUTH PLAIN •••• is wrong' },
  ]);
  expect(logged.join()).not.toContain(quoted);
});

test('a mail that is called off ends its connection, whatever the server goes on saying', async () => {
  const met = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const door = createServer((client) => {
    client.write('220 here\r\n');
    client.once('data', () => {
      const talk = setInterval(() => client.write('2'), 50);
      client.on('close', () => {
        clearInterval(talk);
        left.resolve();
      });
      met.resolve();
    });
    client.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void door.close());
  await once(door, 'listening');
  const { port } = door.address() as AddressInfo;
  const calledOff = new AbortController();
  const destination = email('mail', `smtp://127.0.0.1:${port}`, 'INFO', letter);
  const sent = destination.send(messageOf(), calledOff.signal);
  await met.promise;
  calledOff.abort(new Error('called off'));
  await expect(sent).rejects.toThrow('called off');
  await left.promise;
});
