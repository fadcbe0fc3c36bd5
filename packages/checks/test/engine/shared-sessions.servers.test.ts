import { belatedProxy, multiplexingProxy, type StatementProxy } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

/** Of what is asked at connect it is in the last packet. */
const endsConnecting = (statement: string) => statement.includes('SHOW CHARACTER SET');

describe.each(flavours)('on %s', (flavour) => {
  async function watch(
    behind: (server: Awaited<ReturnType<typeof freshSchema>>['source']) => Promise<StatementProxy>,
  ) {
    const schema = await freshSchema(flavour);
    const proxy = await behind(schema.source);
    onTestFinished(() => proxy.close());
    const { source, target, name, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, at TIMESTAMP)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1, NOW())`);
    await schema.caughtUp();
    const { engine } = startEngine({
      servers: { source, target },
      reach: { source: { port: proxy.port } },
      pairs: [pairConfig([`${name}.*`], { checks: noChecks })],
    });
    // In the time line, too: what is made anew at once is not long in the server's state.
    const all = { from: new Date(0), to: new Date(8.64e15) };
    const said = () => [
      engine.server('source')?.evidence ?? '',
      ...engine.events('pair', all).map(({ message }) => message),
    ];
    const found = (words: RegExp) =>
      vi.waitFor(() => expect(said()).toContainEqual(expect.stringMatching(words)), patient);
    return { engine, found };
  }

  test('a session that somebody else sets up is not this one’s any more', async () => {
    const { engine, found } = await watch(multiplexingProxy);
    await found(/its session, which somebody else has set up otherwise/);
    const { id } = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.run(id)?.state).not.toBe('running'), patient);
    expect(engine.run(id)?.verdicts).not.toHaveProperty('DIFFERENT');
  });

  test('answers that come a statement late are believed of none', async () => {
    const { engine, found } = await watch((server) => belatedProxy(server, endsConnecting));
    await found(/an answer to another question|answers more than it was asked/);
    expect(engine.pair('pair')?.state).not.toBe('in-sync');
  });
});
