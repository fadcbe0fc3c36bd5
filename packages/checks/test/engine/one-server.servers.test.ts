import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('two names that lead to one server are no pair: nothing is in sync, and no table matches', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    const { engine } = startEngine({
      servers: { source: schema.source, target: schema.source },
      reach: { target: { port: (await forward(() => schema.source.port)).port } },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
    });
    await vi.waitFor(() => {
      const { state, evidence, lag } = engine.pair('pair') ?? {};
      expect([state, lag?.lagMs]).toEqual(['unknown', null]);
      expect(evidence).toMatch(/both names lead to one server: source and target are /);
      expect(lag?.evidence).toMatch(/both names lead to one server/);
    }, patient);
    for (const check of ['checksum', 'consistency'] as const) {
      const { id } = engine.startRun('pair', check, null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.state).toBe('finished'), patient);
      expect(engine.run(id)?.verdicts).toEqual({ UNVERIFIED: 1 });
      expect(engine.tables('pair')[0]?.[check]?.reason).toMatch(/both names lead to one server/);
    }
  });

  test('a name that is moved to the source in a failover makes one server of two, and is found out', async () => {
    const schema = await freshSchema(flavour);
    let to = schema.target.port;
    const address = await forward(() => to);
    const { engine } = startEngine({
      servers: { source: schema.source, target: schema.target },
      reach: {
        target: {
          port: address.port,
          // The account is the same on both, its password is not.
          password: () =>
            Promise.resolve((to === schema.target.port ? schema.target : schema.source).monitor.password),
        },
      },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
    });
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    to = schema.source.port;
    address.cut();
    await vi.waitFor(() => {
      expect(engine.pair('pair')).toMatchObject({
        state: 'unknown',
        evidence: expect.stringMatching(/both names lead to one server/) as string,
        lag: { lagMs: null },
      });
    }, patient);
  });
});
