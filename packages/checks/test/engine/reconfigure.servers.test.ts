import type { Flavour } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import type { EngineEvent } from '../../src/model/event.ts';
import type { LagSample } from '../../src/model/lag.ts';
import { pairConfig } from '../support/config.ts';
import { engineConfig, startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

/** What lag said of a pair, from the first known sample on. */
const known = (samples: LagSample[]) => samples.slice(samples.findIndex(({ lagMs }) => lagMs !== null));

/** A table, and the pairs of it that a change of the configuration keeps, changes and removes. */
async function threePairs(flavour: Flavour) {
  const schema = await freshSchema(flavour);
  await schema.source.query(`CREATE TABLE ${schema.sql}.items (id INT PRIMARY KEY)`);
  await schema.caughtUp();
  const servers = { source: schema.source, target: schema.target };
  const pair = (name: string, more = {}) =>
    pairConfig([`${schema.name}.*`], { name, checks: noChecks, ...more });
  return { schema, pair, setup: { servers, pairs: [pair('kept'), pair('changed'), pair('gone')] } };
}

describe.each(flavours)('a running engine on %s', (flavour) => {
  test('takes up another configuration: a pair that is as it was is measured on, others come, go and change', async () => {
    const { pair, setup } = await threePairs(flavour);
    const { engine, events, storage } = startEngine(setup);
    const inSync = (...names: string[]) =>
      vi.waitFor(() => {
        const states = names.map((name) => engine.pair(name)?.state);
        expect(states).toEqual(names.map(() => 'in-sync'));
      }, patient);
    const samplesOf = (name: string) =>
      events.flatMap((event) => (event.type === 'lag' && event.pair === name ? [event.data] : []));
    await inSync('kept', 'changed', 'gone');

    const changes = await engine.reconfigure(
      engineConfig({
        ...setup,
        pairs: [
          pair('new'),
          pair('kept'),
          pair('changed', { lag: { warningMs: 1000, criticalMs: 9000, forMs: 0 } }),
        ],
      }),
      'anna',
    );
    expect(changes).toEqual({
      pairs: { added: ['new'], removed: ['gone'], changed: ['changed'], unchanged: 1 },
      servers: { added: [], removed: [], changed: [], unchanged: 2 },
    });
    const after = events.length;
    await inSync('new', 'kept', 'changed');
    await vi.waitFor(() => expect(samplesOf('kept').length).toBeGreaterThan(20), patient);

    expect(engine.pairs().map(({ name }) => name)).toEqual(['new', 'kept', 'changed']);
    expect(engine.pair('changed')?.thresholds.warningMs).toBe(1000);
    const states = events.flatMap((event) =>
      event.type === 'pairEvent' && event.pair === 'kept' && event.data.kind === 'state' ? [event.data] : [],
    );
    // Where the machine is busy a server may be silent for a while: what is watched anew was not measured yet.
    expect(states[0]?.state).toBe('in-sync');
    const sentences = [
      ...states.map(({ message }) => message),
      ...known(samplesOf('kept')).map(({ evidence }) => evidence),
    ];
    expect(sentences.filter((sentence) => sentence?.includes('not measured yet'))).toEqual([]);
    // Where the machine is busy an alert may have begun to wait, or to fire, and is told to be over.
    const isOver = (event: EngineEvent) => event.type === 'alert' && event.data.resolvedAt !== null;
    const isNoted = (event: EngineEvent) => event.type === 'pairEvent' && event.data.kind === 'alert';
    const ofGone = events
      .slice(after)
      .filter((event) => event.pair === 'gone' && !isOver(event) && !isNoted(event));
    expect(ofGone).toEqual([]);
    const range = { from: new Date(0), to: new Date() };
    const told = (name: string) => storage.events(name, range).map(({ message }) => message);
    expect(told('new')).toContain('added to the configuration by anna');
    expect(told('changed')).toContain('changed by anna');
    expect(engine.health().ok).toBe(true);
  });

  test('goes on with the run of a pair that is as it was, and begins the cut-off one of a changed pair anew', async () => {
    const { schema, pair, setup } = await threePairs(flavour);
    const { engine, storage } = startEngine(setup);
    await vi.waitFor(
      () => expect(engine.pairs().map(({ state }) => state)).toEqual(['in-sync', 'in-sync', 'in-sync']),
      patient,
    );
    // Nothing moves while somebody holds the definition of the table.
    const blocker = await schema.target.connect();
    await blocker.query(`LOCK TABLES ${schema.sql}.items WRITE`);
    const runs = ['kept', 'changed', 'gone'].map((name) => engine.startRun(name, 'checksum', null, 'anna'));
    const [kept, changed, gone] = runs.map(({ id }) => id) as [string, string, string];
    await vi.waitFor(() => {
      for (const id of [kept, changed, gone]) expect(storage.run(id)?.state).toBe('running');
    }, patient);

    const selection = { include: [`${schema.name}.*`], exclude: ['other.*'], overrides: [] };
    await engine.reconfigure(
      engineConfig({ ...setup, pairs: [pair('kept'), pair('changed', { tables: selection })] }),
      'anna',
    );
    expect(engine.run(kept)?.state).toBe('running');
    expect(storage.run(gone)).toMatchObject({ state: 'cancelled' });
    expect(storage.run(gone)?.evidence).toContain('the configuration, which removes the pair');
    await blocker.query('UNLOCK TABLES');
    await blocker.end();
    await vi.waitFor(() => {
      expect(engine.run(kept)?.state).toBe('finished');
      expect(engine.activeRuns('changed')).toEqual([]);
      const [newest] = engine.runs({ pair: 'changed' }, { limit: 1 }).items;
      expect(newest?.state).toBe('finished');
    }, patient);
  });

  test('ends the alerts of a pair that is removed, with the reason', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.items (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    const connection = await schema.target.connect();
    await connection.query('SET sql_log_bin = 0');
    await connection.query(`INSERT INTO ${schema.sql}.items VALUES (1)`);
    await connection.end();
    const servers = { source: schema.source, target: schema.target };
    const pair = (name: string) => pairConfig([`${schema.name}.*`], { name, checks: noChecks });
    const setup = { servers, pairs: [pair('kept'), pair('gone')] };
    const { engine } = startEngine(setup);
    await vi.waitFor(() => expect(engine.pair('gone')?.state).toBe('in-sync'), patient);
    engine.startRun('gone', 'checksum', null, 'anna');
    const firing = () => engine.alerts({ states: ['firing'], pair: 'gone' }, { limit: 10 }).items;
    await vi.waitFor(() => expect(firing()).not.toEqual([]), patient);
    const [alert] = firing();
    await engine.reconfigure(engineConfig({ ...setup, pairs: [pair('kept')] }), 'anna');
    await vi.waitFor(() => {
      const over = engine.alerts({ states: ['resolved'], pair: 'gone' }, { limit: 10 }).items;
      expect(over.find(({ id }) => id === alert?.id)?.evidence).toBe(
        'pair gone is not in the configuration any more',
      );
    }, patient);
  });

  test('reaches a server whose address changed anew, and leaves the other its connections', async () => {
    const schema = await freshSchema(flavour);
    const setup = {
      servers: { source: schema.source, target: schema.target },
      pairs: [pairConfig(['*.*'], { checks: noChecks })],
      reach: { target: { port: 1 } },
    };
    const { engine } = startEngine(setup);
    await vi.waitFor(() => expect(engine.server('source')?.connection).toBe('connected'), patient);
    const since = engine.server('source')?.since;
    const { servers } = await engine.reconfigure(engineConfig({ ...setup, reach: {} }), 'anna');
    expect(servers).toEqual({ added: [], removed: [], changed: ['target'], unchanged: 1 });
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    expect(engine.server('source')?.since).toBe(since);
  });
});
