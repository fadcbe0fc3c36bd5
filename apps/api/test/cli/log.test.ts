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
