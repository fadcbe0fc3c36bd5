import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { type RunningEngine, startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { plant } from '../support/verify.ts';

async function runOnce({ engine }: RunningEngine): Promise<void> {
  const { id } = engine.startRun('pair', 'checksum', null, 'me');
  await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
}

/** No number and no sum has such letters. */
const secrets = /zwxy|qvut/;

describe.each(flavours)('on %s', (flavour) => {
  test('a masked column that is renamed while Lockstep runs uncovers nothing, and is an alert until it is mended', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, pin CHAR(4) NOT NULL)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (77, 'zwxy')`);
    await plant(schema, `UPDATE ${schema.sql}.t SET pin = 'qvut'`);
    const tables = {
      include: [`${schema.name}.*`],
      exclude: [],
      overrides: [
        { match: `${schema.name}.t`, ignoreColumns: [], maskColumns: ['pin'], method: null, where: null },
      ],
    };
    const running = startEngine({
      servers: { source: schema.source, target: schema.target },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks, tables })],
    });
    const { engine } = running;
    const firing = () => engine.alerts({ states: ['firing'] }, { limit: 9 }).items.map(({ rule }) => rule);
    const all = () =>
      JSON.stringify([
        engine.tables('pair'),
        engine.differences('pair', 'checksum', schema.name, 't', { limit: 9 }),
        engine.alerts({}, { limit: 99 }),
        engine.runs({}, { limit: 99 }),
      ]);
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    await runOnce(running);
    await vi.waitFor(() => expect(firing()).toEqual(['table-different']), patient);
    expect(all()).toMatch(/"column":"pin"/);

    await schema.source.query(`ALTER TABLE ${schema.sql}.t RENAME COLUMN pin TO code`);
    await schema.caughtUp();
    await runOnce(running);
    await vi.waitFor(() => expect(firing().sort()).toEqual(['mask-unfit', 'table-different']), patient);
    expect(all()).toMatch(/"column":"code"/);
    expect(all()).not.toMatch(secrets);

    await schema.source.query(`ALTER TABLE ${schema.sql}.t RENAME COLUMN code TO pin`);
    await schema.caughtUp();
    await runOnce(running);
    await vi.waitFor(() => expect(firing()).toEqual(['table-different']), patient);
    expect(all()).not.toMatch(secrets);
  });
});
