import { setTimeout as pause } from 'node:timers/promises';
import { differing, type GroupState, silent, type TableResult, verifyOnce } from '@lockstep/checks';
import type { TestServer } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { recordLag } from '../lag/lag-recorder.ts';
import { exactly, plainFigure, printFigures } from '../report/figure.ts';
import { perSecond } from '../report/units.ts';
import { startBeats, untilStopped } from './beats.ts';
import { type ClusterStage, schema } from './stage.ts';
import { troubles, writableOf, write, writes } from './troubles.ts';

const everyMs = 30_000;
const lastsMs = 12_000;
/** A figure is false beyond what sampling and the reading of rows leave open. */
const openMs = 1500;

/** Whether anything is said that is not so, while members get into trouble one after the other, under load. */
export async function underTroubles(
  { kind, cluster, config }: ClusterStage,
  minutes: number,
  say: Say,
): Promise<void> {
  const { members } = cluster;
  const [first, second, third] = members;
  const stop = new AbortController();
  const began = performance.now();
  /** Who must not be written to, lest the write be held up. */
  let troubled: TestServer | null = null;
  const spells: Spell[] = [];
  const writable = (turn: number) => async (): Promise<TestServer | null> => {
    let well = members.filter((member) => member !== troubled);
    if (kind === 'group-replication') well = await writableOf(well);
    return well[turn % Math.max(1, well.length)] ?? null;
  };
  const beats = await startBeats(members, writable(0));
  const recorder = recordLag(config.engine);
  let written = 0;
  let conflicts = 0;
  // Two members write at once, what is the same row now and then.
  const load = [0, 1].map((turn) =>
    untilStopped(
      stop.signal,
      writable(turn),
      async (connection) => {
        if (await write(connection, writes(written * 2 + turn))) written++;
        else conflicts++;
      },
      10,
    ),
  );
  const results: TableResult[] = [];
  let refused = 0;
  const checking = (async () => {
    const { pairs } = config.engine;
    for (let i = 0; !stop.signal.aborted; i++) {
      const pair = pairs[i % pairs.length];
      if (!pair) return;
      try {
        const run = await verifyOnce({
          engine: config.engine,
          pair,
          only: ['cold', 'live'].map((table) => ({ schema, table })),
          signal: AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]),
          log: silent,
          onProgress: () => undefined,
          onResult: (result) => results.push(result),
        });
        if (run.state !== 'finished') refused++;
      } catch {
        refused++;
      }
      await pause(500);
    }
  })();
  const told: string[] = [];
  try {
    for (let i = 0; performance.now() - began < minutes * 60_000; i++) {
      const list = troubles[kind];
      const trouble = list[i % list.length];
      // Each member in turn gets into each.
      const member = [second, third, first][Math.floor(i / list.length + i) % 3];
      if (!trouble || !member) break;
      const next = performance.now() + everyMs;
      say(`${kind}: ${trouble.name} of n${members.indexOf(member) + 1} …`);
      const spell: Spell = {
        server: `n${members.indexOf(member) + 1}`,
        from: performance.now(),
        to: Infinity,
      };
      if (trouble.name !== 'election') {
        troubled = member;
        spells.push(spell);
      }
      const end = await trouble.begin(member);
      await pause(lastsMs);
      await end();
      troubled = null;
      spell.to = performance.now();
      told.push(trouble.name);
      await pause(Math.max(2000, next - performance.now()));
    }
  } finally {
    stop.abort();
    await Promise.all([...load, checking]);
    await recorder.stop();
    await beats.stop();
  }
  const targets: Record<string, number> = { n1n2: 1, n1n3: 2, n2n1: 0 };
  const judged = recorder.samples.flatMap(({ at, sample }) => {
    const behind = beats.behind(targets[sample.pair] ?? 0, at);
    const { lagMs, uncertaintyMs } = sample;
    if (behind === null || lagMs === null) return [];
    return { at, sample, behind, wrong: lagMs + (uncertaintyMs ?? Infinity) < behind - openMs };
  });
  const wrong = judged.filter((each) => each.wrong);
  const slander = recorder.groups.flatMap(({ at, group }) => slandered(at, group, spells));
  const different = results.filter(({ differences }) => differing(differences) > 0);
  const verdicts = Object.entries(Object.groupBy(results, ({ verdict }) => verdict));
  const seconds = (performance.now() - began) / 1000;
  printFigures(
    `${kind}: ${told.length} troubles in ${Math.round(seconds / 60)} min under ${perSecond(written / seconds)} writes`,
    [
      plainFigure(
        'troubles',
        Object.entries(Object.groupBy(told, (name) => name))
          .map(([name, list]) => `${list?.length} ${name}`)
          .join(', '),
      ),
      plainFigure('writes of two members that met', String(conflicts)),
      plainFigure('verdicts', verdicts.map(([verdict, list]) => `${list?.length} ${verdict}`).join(', ')),
      plainFigure('checks that did not finish', String(refused)),
      exactly('false differences', different.length, 0),
      exactly('false errant transactions', recorder.errant.size, 0),
      exactly('a well member called lost, cut off or joining, or the cluster split', slander.length, 0),
      plainFigure('samples held against the rows, of all', `${judged.length} of ${recorder.samples.length}`),
      exactly('of these less behind than the rows are', wrong.length, 0),
      exactly(
        '"in sync" while the rows were behind',
        wrong.filter(({ sample }) => sample.lagMs === 0).length,
        0,
      ),
    ],
  );
  for (const { behind, sample } of wrong.slice(0, 5)) {
    console.log(
      `  false: ${sample.at.toISOString()} ${sample.pair} by its rows ${Math.round(behind)} ms: ${sample.evidence}`,
    );
  }
  for (const words of slander.slice(0, 5)) console.log(`  false: ${words}`);
  for (const result of different.slice(0, 3)) console.log(`  false: ${JSON.stringify(result).slice(0, 600)}`);
  for (const text of [...recorder.errant].slice(0, 3)) console.log(`  false: errant ${text}`);
}

/** A member in trouble, from its beginning until the member was well again. */
interface Spell {
  server: string;
  from: number;
  to: number;
}

/** What was said of members that were well, and of their cluster. */
function slandered(at: number, { state, evidence, members }: GroupState, spells: Spell[]): string[] {
  const bad = members.filter(
    (member) =>
      ['not-in-group', 'no-quorum', 'joining'].includes(member.state) &&
      !spells.some(({ server, from, to }) => server === member.server && from <= at && at <= to + openMs),
  );
  return [
    ...(state === 'split' ? [evidence] : []),
    ...bad.map(({ server, state: word, evidence: why }) => `${server} ${word}: ${why}`),
  ];
}
