import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPage } from '@lockstep/demo/src/build-page.ts';
import { findChromium } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { rules } from '../src/scenes/alerts.ts';
import { scenes } from '../src/scenes/index.ts';

/** `npm run states` in a process of its own, with a temporary folder of its own to see what it leaves there. */
let states: { child: ChildProcess; folder: string; output: () => string };
const children: ChildProcess[] = [];
let contents: string;
let addresses: Map<string, string>;

beforeAll(async () => {
  // Before it is waited for: a build takes as long as it takes.
  await buildPage();
  states = await start([]);
  contents = await said(/Open (http:\S+)/, states);
  addresses = new Map(
    [...states.output().matchAll(/\] (\S+) {2,}(http:\S+)/g)].map(([, name = '', url = '']) => [name, url]),
  );
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(states.folder, { recursive: true, force: true, maxRetries: 20 });
});

test('every scene is listed, and found from one address', async () => {
  expect([...addresses.keys()]).toEqual(Object.keys(scenes));
  const html = await (await fetch(contents)).text();
  for (const address of addresses.values()) expect(html).toContain(`href="${address}"`);
});

test.each(Object.keys(scenes))('the page is served over %s', async (name) => {
  const page = await fetch(addressOf(name));
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
});

describe('what a person may find the page in is all there', () => {
  test('every state of a pair, and of a connection', async () => {
    const { pairs, servers, ...of } = await ask<{
      pairs: { state: string; paused: boolean }[];
      servers: { connection: string }[];
    }>('pair-states', '{ pairs { state paused } servers { connection } }', [
      'PairStateName',
      'ConnectionState',
      'PairEventKind',
    ]);
    expect(sorted(pairs.map(({ state }) => state))).toEqual(of.enums['PairStateName']);
    expect(pairs.some(({ paused }) => paused)).toBe(true);
    expect(sorted(servers.map(({ connection }) => connection))).toEqual(of.enums['ConnectionState']);
    const { pair } = await ask<{ pair: { events: { kind: string }[] } }>(
      'pair-states',
      '{ pair(name: "broken") { events(from: "2020-01-01T00:00:00Z") { kind } } }',
    );
    expect(sorted(pair.events.map(({ kind }) => kind))).toEqual(of.enums['PairEventKind']);
  });

  test('every way to measure lag, and every place that it can arise in', async () => {
    const { pairs, enums } = await ask<{
      pairs: {
        lag: { method: string };
        heartbeat: { clock: string } | null;
        replication: { attribution: string; channels: { receiver: string }[] };
      }[];
    }>(
      'lag',
      '{ pairs { lag { method } heartbeat { clock } replication { attribution channels { receiver } } } }',
      ['LagMethod', 'HeartbeatClock', 'Attribution', 'ThreadState'],
    );
    expect(sorted(pairs.map(({ lag }) => lag.method))).toEqual(enums['LagMethod']);
    expect(sorted(pairs.flatMap(({ heartbeat }) => heartbeat?.clock ?? []))).toEqual(enums['HeartbeatClock']);
    expect(sorted(pairs.map(({ replication }) => replication.attribution))).toEqual(enums['Attribution']);
    expect(
      sorted(pairs.flatMap(({ replication }) => replication.channels.map(({ receiver }) => receiver))),
    ).toEqual(enums['ThreadState']);
  });

  test('every verdict of either check, every method, and every kind of difference', async () => {
    const result = `verdict method rows(first: 100) { nodes { kind cells { source { encoding } target { encoding } } } }`;
    interface Result {
      verdict: string;
      method: string;
      rows: { nodes: { kind: string; cells: Record<'source' | 'target', { encoding: string }>[] }[] };
    }
    const { pair, enums } = await ask<{
      pair: {
        tables: { nodes: { checking: boolean; checksum: Result | null; consistency: Result | null }[] };
      };
    }>(
      'verdicts',
      `{ pair(name: "shop") { tables { nodes { checking checksum { ${result} } consistency { ${result} } } } } }`,
      ['Verdict', 'CheckMethod', 'DifferenceKind', 'CellEncoding'],
    );
    const tables = pair.tables.nodes;
    for (const check of ['checksum', 'consistency'] as const) {
      expect(sorted(tables.flatMap((table) => table[check]?.verdict ?? []))).toEqual(enums['Verdict']);
    }
    const results = tables.flatMap(({ checksum, consistency }) => [checksum ?? [], consistency ?? []].flat());
    const rows = results.flatMap((each) => each.rows.nodes);
    expect(sorted(results.map(({ method }) => method))).toEqual(enums['CheckMethod']);
    expect(sorted(rows.map(({ kind }) => kind))).toEqual(enums['DifferenceKind']);
    expect(
      sorted(
        rows.flatMap(({ cells }) =>
          cells.flatMap(({ source, target }) => [source.encoding, target.encoding]),
        ),
      ),
    ).toEqual(enums['CellEncoding']);
    expect(tables.some(({ checksum, consistency }) => !checksum && !consistency)).toBe(true);
    expect(tables.some(({ checking }) => checking)).toBe(true);
  });

  test('every state of a run, by every trigger', async () => {
    const { runs, enums } = await ask<{
      runs: { nodes: { state: string; check: string; trigger: string }[] };
    }>('runs', '{ runs(first: 100) { nodes { state check trigger } } }', [
      'RunState',
      'CheckKind',
      'RunTrigger',
    ]);
    for (const check of enums['CheckKind'] ?? []) {
      const ofCheck = runs.nodes.filter((each) => each.check === check);
      expect(sorted(ofCheck.map(({ state }) => state))).toEqual(enums['RunState']);
    }
    expect(sorted(runs.nodes.map(({ trigger }) => trigger))).toEqual(enums['RunTrigger']);
  });

  test('every rule, severity and state of an alert, and every fate of its messages', async () => {
    const { alerts, enums } = await ask<{
      alerts: { nodes: { rule: string; severity: string; state: string; deliveries: { state: string }[] }[] };
    }>('alerts', '{ alerts(first: 100) { nodes { rule severity state deliveries { state } } } }', [
      'Severity',
      'AlertState',
      'DeliveryState',
    ]);
    const { nodes } = alerts;
    expect(sorted(nodes.map(({ rule }) => rule))).toEqual(Object.keys(rules).sort());
    expect(sorted(nodes.map(({ severity }) => severity))).toEqual(enums['Severity']);
    expect(sorted(nodes.map(({ state }) => state))).toEqual(enums['AlertState']);
    expect(sorted(nodes.flatMap(({ deliveries }) => deliveries.map(({ state }) => state)))).toEqual(
      enums['DeliveryState'],
    );
  });

  test('whatever anybody can do, in every way and with every outcome', async () => {
    const { audit, enums, __type } = await ask<{
      audit: { entries: { nodes: { action: string; way: string; outcome: string }[] } };
      __type: { fields: { name: string }[] };
    }>(
      'audit',
      '{ audit { ... on Audit { entries(first: 100) { nodes { action way outcome } } } } __type(name: "Mutation") { fields { name } } }',
      ['AuditWay', 'AuditOutcome'],
    );
    const { nodes } = audit.entries;
    expect(sorted(nodes.map(({ way }) => way))).toEqual(enums['AuditWay']);
    expect(sorted(nodes.map(({ outcome }) => outcome))).toEqual(enums['AuditOutcome']);
    const mutations = __type.fields.map(({ name }) => name);
    expect(sorted(nodes.map(({ action }) => action))).toEqual(sorted([...mutations, 'signIn', 'signOut']));
  });

  test('an empty fleet, 300 pairs, and names as long as they may be', async () => {
    const names = async (scene: string) =>
      (await ask<{ pairs: { name: string }[] }>(scene, '{ pairs { name } }')).pairs.map(({ name }) => name);
    expect(await names('empty-fleet')).toEqual([]);
    expect(await names('many-pairs')).toHaveLength(300);
    expect(Math.max(...(await names('long-names')).map((name) => name.length))).toBeGreaterThan(80);
  });

  test('a link that is cut after the page was opened, and works again when it is opened anew', async () => {
    // As the page does when it is opened.
    const open = () => fetch(`${addressOf('dead-link')}api/session`);
    const answers = () =>
      ask('dead-link', '{ version }').then(
        () => true,
        () => false,
      );
    await open();
    expect(await answers()).toBe(true);
    await expect.poll(answers).toBe(false);
    await open();
    expect(await answers()).toBe(true);
  });

  test('a link that never was', async () => {
    await expect(ask('no-link', '{ version }')).rejects.toThrow();
  });

  test('a service that asks who is there', async () => {
    const response = await fetch(`${addressOf('sign-in')}api/metrics`);
    expect(response.status).toBe(401);
  });
});

test('what is so keeps being measured', async () => {
  const measured = () =>
    ask<{ pair: { lag: { at: string } } }>('pair-states', '{ pair(name: "in-sync") { lag { at } } }');
  const before = await measured();
  await expect.poll(measured).not.toEqual(before);
});

test('what a person asks for on the page is done', async () => {
  await ask('alerts', 'mutation { acknowledgeAlert(id: "rule-lag", note: "seen") { __typename } }');
  const { alerts } = await ask<{
    alerts: { nodes: { id: string; acknowledged: { note: string } | null }[] };
  }>('alerts', '{ alerts(first: 100) { nodes { id acknowledged { note } } } }');
  expect(alerts.nodes.find(({ id }) => id === 'rule-lag')?.acknowledged).toEqual({ note: 'seen' });
});

test.runIf(findChromium())('a picture of each screen is taken for four widths and two schemes', async () => {
  const into = join(states.folder, 'pictures');
  const { child, output } = await start(['--screenshots', into, 'empty-fleet', 'no-link']);
  expect(await once(child, 'exit'), output()).toEqual([0, null]);
  const expected = ['empty-fleet', 'no-link'].flatMap((scene) =>
    Object.keys(scenes[scene]?.screens ?? {}).flatMap((screen) =>
      ['1440', '1280', '1024', '390'].flatMap((width) =>
        ['dark', 'light'].map((scheme) => `${scene}-${screen}-${width}-${scheme}.png`),
      ),
    ),
  );
  expect(await readdir(into)).toEqual(expected.sort());
  for (const name of expected) {
    expect(name).toContain(`-${await widthOf(join(into, name))}-`);
  }
  expect(await readFile(join(into, expected[0] ?? ''))).not.toEqual(
    await readFile(join(into, expected[1] ?? '')),
  );
});

test('one scene is shown by the page that is being edited', async () => {
  const edited = await start(['--edit', 'many-pairs']);
  const address = await said(/Open (http:[^\s:]+:\d+\/)/, edited);
  const vite = await fetch(`${address}@vite/client`);
  expect(vite.headers.get('content-type')).toMatch(/javascript/);
  const answer = await fetch(`${address}graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ pairs { name } }' }),
  });
  expect(((await answer.json()) as { data: { pairs: object[] } }).data.pairs).toHaveLength(300);
  const ended = everythingEnded(edited);
  edited.child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});

test('a scene that is not there is refused by name', async () => {
  const { child, output } = await start(['nonsense']);
  expect(await once(child, 'exit')).toEqual([3, null]);
  expect(output()).toContain('nonsense');
});

test('Ctrl-C ends everything', async () => {
  const ended = everythingEnded(states);
  states.child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect((await readdir(states.folder)).filter((name) => name.startsWith('lockstep-'))).toEqual([]);
});

async function start(args: string[]): Promise<typeof states> {
  const folder = states?.folder ?? (await mkdtemp(join(tmpdir(), 'states-')));
  const main = join(import.meta.dirname, '../src/main.ts');
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  children.push(child);
  return { child, folder, output: () => output };
}

/**
 * The process, and whatever of its own could print where it does. That somebody answers at a port that was given back
 * says nothing: it may be another's by then.
 */
function everythingEnded({ child }: typeof states): Promise<unknown[]> {
  return once(child, 'close');
}

/** What the first group of the pattern finds in what it prints. */
async function said(pattern: RegExp, { output }: typeof states): Promise<string> {
  return vi.waitFor(() => {
    const found = pattern.exec(output())?.[1];
    if (found === undefined) throw new Error(`it said so far:\n${output()}`);
    return found;
  }, patient);
}

function addressOf(scene: string): string {
  const address = addresses.get(scene);
  if (!address) throw new Error(`no address of ${scene} in:\n${states.output()}`);
  return address;
}

/** Asks the service of a scene, and what members some of its enums have. Rejects when it does not answer well. */
async function ask<Data extends object>(
  scene: string,
  query: string,
  enums: string[] = [],
): Promise<Data & { enums: Record<string, string[]> }> {
  const post = async (text: string) => {
    const response = await fetch(`${addressOf(scene)}graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text }),
    });
    const { data, errors } = (await response.json()) as { data?: object; errors?: { message: string }[] };
    if (!data || errors) throw new Error(errors?.map(({ message }) => message).join(' ') ?? 'no data');
    return data;
  };
  const data = (await post(query)) as Data;
  const members: Record<string, string[]> = {};
  for (const name of enums) {
    const { __type } = (await post(`{ __type(name: "${name}") { enumValues { name } } }`)) as {
      __type: { enumValues: { name: string }[] };
    };
    members[name] = sorted(__type.enumValues.map((value) => value.name));
  }
  return { ...data, enums: members };
}

function sorted(values: string[]): string[] {
  return [...new Set(values)].sort();
}

/** As a PNG's first chunk has it. */
async function widthOf(file: string): Promise<number> {
  return (await readFile(file)).readUInt32BE(16);
}
