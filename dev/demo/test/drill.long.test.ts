import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { drill, tables } from '../src/drill/drill.ts';
import { setStage } from '../src/drill/start-drill.ts';

describe.each(flavours)('a night on call, with %s', (flavour) => {
  test('the right people are told once, and the morning knows what was wrong, who was told and who did what', async (context) => {
    await using cleanup = new AsyncDisposableStack();
    const stage = await setStage(flavour, null, () => undefined, cleanup);
    if (!stage) return context.skip('libfaketime is not on this machine and could not be fetched');
    const story = await Promise.race([drill(stage), stage.ended]);

    // While it was announced nobody was told; afterwards one mail, with one link.
    expect(story.toldDuringMaintenance).toEqual([]);
    expect(story.mails.afterwards).toHaveLength(1);
    const [afterwards] = story.mails.afterwards;
    expect(afterwards?.text).toContain('1062');
    expect(afterwards?.text.match(/https?:\/\//g)).toHaveLength(1);
    expect(story.mails.mended.map(({ subject }) => subject)).toEqual([expect.stringContaining('Resolved')]);
    // Of sixty tables one digest, and no further mail in the night.
    expect(story.mails.differing.map(({ subject }) => subject)).toEqual([
      expect.stringContaining(`${tables} tables differ`),
    ]);
    expect(story.mails.differing[0]?.text.match(/https?:\/\//g)).toHaveLength(1);

    // What was wrong, how bad, who was told …
    const broken = story.alerts.find(({ rule }) => rule === 'replication-broken');
    expect(broken).toMatchObject({
      state: 'RESOLVED',
      first: { severity: 'CRITICAL', evidence: expect.stringContaining('1062') as string },
      worst: { severity: 'CRITICAL', evidence: expect.stringContaining('1062') as string },
      acknowledged: { by: 'anna', note: 'on it' },
      deliveries: [
        { destination: 'dba', told: 'FIRING', state: 'DELIVERED' },
        { destination: 'dba', told: 'RESOLVED', state: 'DELIVERED' },
      ],
    });
    const differing = story.alerts.filter(({ rule }) => rule === 'table-different');
    expect(differing).toHaveLength(tables);
    const [silence] = story.silences.filter(({ by }) => by !== null);
    for (const alert of differing) {
      expect(alert).toMatchObject({
        state: 'FIRING',
        worst: { evidence: expect.stringContaining('1 row') as string },
        deliveries: [{ destination: 'data', told: 'FIRING', state: 'DELIVERED' }],
        silencedBy: [silence?.id],
      });
    }
    // … why nobody was told at first …
    expect(story.silences).toContainEqual(
      expect.objectContaining({ by: null, state: 'ENDED', note: 'upgrade of the replica' }),
    );
    // … and who did what.
    expect(silence).toMatchObject({ by: 'anna', state: 'ACTIVE', matcher: { table: 'ledger.t*' } });
    expect(story.events).toContainEqual(
      expect.objectContaining({ kind: 'OPERATOR', message: 'checksum run asked for by anna' }),
    );
    expect(story.deeds.map(({ who, action, outcome }) => [who, action, outcome])).toEqual([
      ['anna', 'createSilence', 'DONE'],
      ['anna', 'startRun', 'DONE'],
      ['anna', 'acknowledgeAlert', 'DONE'],
    ]);
    expect(story.deeds[0]?.subject).toContain('ledger.t*');
  });
});
