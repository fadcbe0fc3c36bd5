import { PassThrough, Writable } from 'node:stream';
import { patient } from '@lockstep/servers/patience';
import { describe, expect, test, vi } from 'vitest';
import type { LogConfig } from '../../src/config/loaded.ts';
import { createLogger } from '../../src/log.ts';

function logger(config: Partial<LogConfig> = {}, isTTY = false) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const text = () => (stream.read() as Buffer | null)?.toString() ?? '';
  return { log: createLogger({ level: 'info', format: 'auto', ...config }, stream), text };
}

describe('the log', () => {
  test('is one JSON object a line where nobody watches', () => {
    const { log, text } = logger();
    log.info({ pair: 'orders' }, 'hello');
    const line = JSON.parse(text()) as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'info', pair: 'orders', msg: 'hello' });
    expect(new Date(String(line['time'])).getTime()).toBeGreaterThan(0);
  });

  test('is for people on a terminal, unless told otherwise', () => {
    const people = logger({}, true);
    people.log.warn({ pair: 'orders' }, 'hello');
    expect(people.text()).toMatch(/WARN.*hello/);
    const machine = logger({ format: 'json' }, true);
    machine.log.warn({}, 'hello');
    expect(() => JSON.parse(machine.text()) as unknown).not.toThrow();
    const pretty = logger({ format: 'pretty' });
    pretty.log.warn({}, 'hello');
    expect(pretty.text()).toMatch(/^\[.*\] WARN: hello\n$/);
  });

  test('cannot be made to hold a line that it did not write', () => {
    const { log, text } = logger({ format: 'pretty' });
    const forged = 'no\n[2026-01-01 00:00:00.000] INFO: all is well\u001b[2K\u2028';
    log.warn({ server: forged, err: new Error(forged) }, `db1: ${forged}`);
    const lines = text().split('\n');
    expect(lines.filter((line) => /^\s*\[2026-01-01/.test(line))).toEqual([]);
    expect(lines[0]).toContain('WARN: db1: no\\u000a[2026-01-01');
  });

  test.for(['json', 'pretty'] as const)(
    'holds nothing that a terminal would act on or hide (%s)',
    (format) => {
      const { log, text } = logger({ format });
      const foreign = '\u009b2Jb\u061cc\u202ed\u2067e\u00adf\u200bg\u{e0041}h\u007f';
      log.warn({ table: foreign, err: new Error(foreign) }, foreign);
      const written = text();
      // eslint-disable-next-line no-control-regex -- these are the ones
      expect(written).not.toMatch(/[\u007f-\u009f\u061c\u202e\u2067\u00ad\u200b\u{e0041}]/u);
      if (format === 'json') expect(JSON.parse(written)).toMatchObject({ msg: foreign, table: foreign });
      else expect(written).toContain('\\u009b2Jb\\u061cc\\u202ed\\u2067e\\u00adf\\u200bg\\udb40\\udc41h');
    },
  );

  test('says nothing below its level', () => {
    const { log, text } = logger({ level: 'warn' });
    log.info({}, 'quiet');
    expect(text()).toBe('');
    log.warn({}, 'loud');
    expect(text()).toContain('loud');
  });

  test.for(['json', 'pretty'] as const)('holds no secret that was handed over by mistake (%s)', (format) => {
    const { log, text } = logger({ format });
    log.info(
      {
        password: 'SECRET',
        server: { password: 'SECRET' },
        a: { headers: { authorization: 'SECRET', cookie: 'SECRET' } },
      },
      'hello',
    );
    const line = text();
    expect(line).toContain('••••');
    expect(line).not.toContain('SECRET');
  });

  test('holds no statement of an error, and so no values of rows', () => {
    const { log, text } = logger();
    log.error(
      { err: Object.assign(new Error('went wrong'), { code: 'ER_X', errno: 1, sql: 'SELECT SECRET' }) },
      'oh',
    );
    const line = text();
    expect(JSON.parse(line)).toMatchObject({ err: { message: 'went wrong', code: 'ER_X', errno: 1 } });
    expect(line).not.toContain('SECRET');
  });
});

describe('a log that', () => {
  test('cannot be written costs its lines, and says how many once it can', async () => {
    let full = false;
    let text = '';
    const stream = new Writable({
      autoDestroy: false,
      write(chunk: Buffer, _encoding, done) {
        if (full) return done(new Error('ENOSPC: no space left on device, write'));
        text += chunk.toString();
        done();
      },
    });
    // As standard output goes on after an error, whatever came of it.
    const goOn = () =>
      Object.assign((stream as never as { _writableState: object })._writableState, { errored: null });
    const log = createLogger({ level: 'info', format: 'json' }, stream);
    const says = async (message: string) => {
      log.info({}, message);
      await new Promise(setImmediate);
      goOn();
    };
    await says('before');
    full = true;
    await says('one');
    await says('two');
    full = false;
    await says('after');
    await says('later');
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { msg: 'before' },
      { level: 'error', lines: 2, msg: expect.stringContaining('ENOSPC') as string },
      { msg: 'after' },
      { msg: 'later' },
    ]);
  });

  test('nobody reads fills no memory, and says how many lines were lost once somebody does', async () => {
    const stream = new PassThrough();
    const log = createLogger({ level: 'info', format: 'json' }, stream);
    const line = 'x'.repeat(100_000);
    for (let i = 0; i < 100; i++) log.info({}, line);
    expect(stream.writableLength).toBeLessThan(5_000_000);
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((resolve) => stream.once('drain', resolve));
    log.info({}, 'after');
    await vi.waitFor(() => expect(text).toContain('after'), patient);
    const all = text.trim().split('\n');
    const notice = all.find((each) => each.length < 1_000) ?? '{}';
    expect(JSON.parse(notice)).toMatchObject({ msg: expect.stringContaining('nobody reads it') as string });
    const { lines } = JSON.parse(notice) as { lines: number };
    expect(all.filter((each) => each.includes(line)).length + lines).toBe(100);
  });
});
