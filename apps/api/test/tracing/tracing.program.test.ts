import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '@lockstep/checks';
import { run } from '@lockstep/fixture';
import { freePort } from '@lockstep/servers';
import { expect, onTestFinished, test } from 'vitest';
import { openTraces } from '../../src/tracing/otlp.ts';
import { lockstep, Program } from '../cli/program.ts';
import { alert, notify, receiver } from '../notify/fixtures.ts';

interface Exported {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: ExportedSpan[] }[];
  }[];
}
interface ExportedSpan {
  name: string;
  traceId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code?: number; message?: string };
}
interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number };
}

const spansIn = (bodies: { body: unknown }[]) =>
  bodies.flatMap(({ body }) =>
    (body as Exported).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
const attributesOf = ({ attributes }: ExportedSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

test('runs, attempts and requests are spans that a collector takes, each with its times', async () => {
  const collector = await receiver();
  const traces = openTraces({ url: collector.url, headers: { 'X-Team': 'shop' } }, '1.2.3', silent);
  const startedAt = new Date('2026-03-01T12:00:00Z');
  const finishedAt = new Date('2026-03-01T12:05:00Z');
  traces.ran(run('r1', { state: 'failed', evidence: 'the source is gone', startedAt, finishedAt }));
  const at = startedAt.getTime();
  traces.served({
    method: 'GET',
    route: '/api/alerts',
    status: 200,
    began: at,
    ended: at + 12,
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  });
  await traces.stop();
  expect(collector.received[0]?.headers['x-team']).toBe('shop');
  const [ofRun, ofRequest] = spansIn(collector.received);
  expect(ofRun).toMatchObject({
    name: 'checksum run',
    startTimeUnixNano: `${at}000000`,
    endTimeUnixNano: `${finishedAt.getTime()}000000`,
    status: { code: 2, message: 'the source is gone' },
  });
  expect(attributesOf(ofRun!)).toMatchObject({ 'lockstep.pair': 'orders', 'lockstep.run': 'r1' });
  expect(ofRequest).toMatchObject({
    name: 'GET /api/alerts',
    traceId: 'a'.repeat(32),
    parentSpanId: 'b'.repeat(16),
    endTimeUnixNano: `${at + 12}000000`,
  });
});

test('each attempt at a message is a span, that which failed with its reason', async () => {
  const [collector, ops] = [await receiver(), await receiver()];
  ops.answers.push({ status: 500 });
  const traces = openTraces({ url: collector.url, headers: {} }, '1.2.3', silent);
  const { change, storage } = notify(ops.url, { attempted: traces.attempted });
  change(alert());
  await expect.poll(() => storage.deliveries('a1')).toMatchObject([{ state: 'delivered' }]);
  await traces.stop();
  const spans = spansIn(collector.received);
  expect(spans.map(({ name, status }) => [name, status.message])).toEqual([
    ['notify ops', 'it answered 500 Internal Server Error'],
    ['notify ops', undefined],
  ]);
  expect(spans.map((span) => attributesOf(span)['lockstep.attempt'])).toEqual([1, 2]);
});

test('the program sends what it serves, and without a collector loads nothing of OpenTelemetry', async () => {
  const collector = await receiver();
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tracing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const loads = join(folder, 'loads.mjs');
  writeFileSync(
    loads,
    `import { appendFileSync } from 'node:fs';
     import { Session } from 'node:inspector';
     const session = new Session();
     session.connect();
     session.on('Debugger.scriptParsed', ({ params: { url } }) => {
       if (url.includes('@opentelemetry')) appendFileSync(process.env.LOADED, url + '\\n');
     });
     session.post('Debugger.enable');`,
  );
  const serve = async (name: string, more: string) => {
    const { file, port } = await configured(join(folder, `${name}.yaml`), more);
    const loaded = join(folder, `${name}.loaded`);
    writeFileSync(loaded, '');
    const cli = new URL('../../src/cli.ts', import.meta.url).pathname;
    const program = new Program(process.execPath, ['--import', loads, cli, 'serve', '--config', file], {
      LOADED: loaded,
    });
    await endsInOrder(program, port);
    return readFileSync(loaded, 'utf8');
  };
  expect(await serve('without', '')).toBe('');
  expect(collector.received).toEqual([]);
  expect(await serve('with', `tracing: { url: '${collector.url}' }\n`)).toContain('@opentelemetry/sdk-trace');
  const spans = spansIn(collector.received);
  expect(spans.map(({ name }) => name)).toContain('GET /api/metrics');
});

test('a collector that takes nothing does not keep the program from an end in order', async () => {
  const collector = await receiver();
  collector.refuse = () => true;
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tracing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const tracing = `tracing: { url: '${collector.url}' }\n`;
  const { file, port } = await configured(join(folder, 'lockstep.yaml'), tracing);
  const program = lockstep(['serve', '--config', file]);
  await endsInOrder(program, port);
  expect(collector.received).not.toEqual([]);
  expect(program.stdout).toContain('traces are not taken: Internal Server Error; they are given up');
  expect(program.stdout).toContain('"msg":"stopped"');
  expect(program.stderr).toBe('');
});

/** A configuration of two servers that are not there. */
async function configured(file: string, more: string): Promise<{ file: string; port: number }> {
  const port = await freePort();
  const [a, b] = [1, 2].map((at) => `{ host: 127.0.0.1, port: ${at}, user: u, password: p }`);
  writeFileSync(
    file,
    `servers: { a: ${a}, b: ${b} }\npairs: [{ source: a, target: b }]\n` +
      `storage: { file: ':memory:' }\nhttp: { port: ${port} }\n${more}`,
  );
  return { file, port };
}

/** Once it serves it is told to stop. */
async function endsInOrder(program: Program, port: number): Promise<void> {
  const answer = () =>
    fetch(`http://127.0.0.1:${port}/api/metrics`).then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(answer).toBe(200);
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
}
