import { patient } from '@lockstep/servers/patience';
import { flavours, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { lyingPort } from '../support/lying-port.ts';

/** In answers that hold this, sets of transactions are made unreadable. */
const positions = { mysql: 'executed', mariadb: 'written' } as const;
const received = { mysql: 'Retrieved_Gtid_Set', mariadb: 'Gtid_IO_Pos' } as const;

/** By flavour, for what looks like a set of one's in the names that the other's servers have. */
const garbled = {
  mysql: (answer: string) =>
    answer.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=:\d)/g, (uuid) =>
      uuid.replace(/^.{8}/, 'nonsense'),
    ),
  mariadb: (answer: string) => answer.replaceAll(/(?<=[^\d-]\d+)-(?=\d+-\d+[^\d-])/g, '?'),
};

describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({
    flavour,
    seed: async ({ source }) => {
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
    },
  });

  /** Two pairs of the same servers, one of which reaches its target by a liar. */
  async function watch() {
    const { source, target } = pair;
    const state = { lies: '' };
    const port = await lyingPort(target.port, (answer) =>
      state.lies !== '' && answer.includes(state.lies) ? garbled[flavour](answer) : answer,
    );
    const sane = { checks: noChecks, lag: { warningMs: 1000, criticalMs: 15_000, forMs: 0 } };
    const { engine } = startEngine({
      servers: { source, target, liar: target },
      reach: { liar: { port } },
      pairs: [
        pairConfig([], { name: 'honest', ...sane }),
        pairConfig([], { name: 'lied-to', target: 'liar', ...sane }),
      ],
    });
    const states = () => engine.pairs().map(({ name, state }) => [name, state]);
    const inSync = [
      ['honest', 'in-sync'],
      ['lied-to', 'in-sync'],
    ];
    await vi.waitFor(() => expect(states()).toEqual(inSync), patient);
    return { engine, state, states, inSync };
  }

  test.each([
    ['a position', positions[flavour]],
    ['what has arrived', received[flavour]],
  ])('%s that cannot be read costs its pair alone, and is quoted', async (_what, lies) => {
    const { engine, state, states, inSync } = await watch();
    state.lies = lies;
    await vi.waitFor(() => {
      expect(states()).toEqual([
        ['honest', 'in-sync'],
        ['lied-to', 'unknown'],
      ]);
      expect(engine.pair('lied-to')?.evidence).toMatch(
        flavour === 'mysql' ? /not a MySQL GTID set: .*nonsense/ : /not a MariaDB GTID list: .*\?/,
      );
    }, patient);
    state.lies = '';
    await vi.waitFor(() => expect(states()).toEqual(inSync), patient);
    const { items } = engine.alerts({}, { limit: 100 });
    expect(items.filter(({ rule }) => rule === 'internal-error')).toEqual([]);
  });
});
