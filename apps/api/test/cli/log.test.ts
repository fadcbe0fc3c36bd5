import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
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
