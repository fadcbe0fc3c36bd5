// `npm run bench:cluster`: on three members of a Galera cluster and of a group, how true the lag is, how soon a
// difference is named, whether anything false is said in troubles under load, and what watching costs a member.
import type { ClusterKind } from '@lockstep/servers';
import { benchmark } from './benchmark.ts';
import { costToMember } from './cluster/cost.ts';
import { lagTruth } from './cluster/lag-truth.ts';
import { soonNamed } from './cluster/soon-named.ts';
import { startStage } from './cluster/stage.ts';
import { underTroubles } from './cluster/under-troubles.ts';
import { readOptions } from './options.ts';

const usage =
  'npm run bench:cluster [-- --minutes N] [--seconds N] [--rounds N] [--only truth,named,cost,troubles] [--kinds galera,group-replication]';

await benchmark(usage, 90, async (say) => {
  const options = readOptions(process.argv.slice(2), {
    numbers: { minutes: 10, seconds: 8, rounds: 5 },
    lists: { only: ['truth', 'named', 'cost', 'troubles'], kinds: ['galera', 'group-replication'] },
    flags: [],
  });
  const { only, minutes, seconds, rounds } = options;
  for (const kind of options.kinds as ClusterKind[]) {
    await using cleanup = new AsyncDisposableStack();
    say(`Starting three members: ${kind} …`);
    const stage = await startStage(kind, cleanup);
    if (only.includes('named')) await soonNamed(stage, rounds, say);
    if (only.includes('cost')) await costToMember(stage, seconds * 4, say);
    if (only.includes('truth')) await lagTruth(stage, seconds, say);
    if (only.includes('troubles')) await underTroubles(stage, minutes, say);
  }
});
