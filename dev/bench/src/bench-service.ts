// `npm run bench:service`: what the service bears in its worst hour.
import { benchmark } from './benchmark.ts';
import { readOptions } from './options.ts';
import { alertGroups } from './service/alert-groups.ts';
import { alertStorm } from './service/alert-storm.ts';
import { allReturn } from './service/crowd/all-return.ts';
import { crowd } from './service/crowd/crowd.ts';
import { dearestQueries } from './service/crowd/dearest.ts';
import { type Transport, transports } from './service/crowd/transport.ts';
import { manyTables } from './service/many-tables.ts';
import { refusing } from './service/refusing.ts';
import { reloading } from './service/reloading.ts';
import { manySources, soak } from './service/soak.ts';

const usage =
  'npm run bench:service [-- --alerts N] [--subscribers N] [--tables N] [--seconds N] [--rounds N] [--minutes N] [--pairs N] [--only subscribers,return,dearest,tables,refusing,alerts,groups,reload,sources,soak] [--over graphql,sse,ws]';

await benchmark(usage, 360, async (say) => {
  const options = readOptions(process.argv.slice(2), {
    numbers: {
      alerts: 100_000,
      subscribers: 2_000,
      tables: 20_000,
      seconds: 10,
      rounds: 3,
      minutes: 10,
      pairs: 200,
    },
    lists: {
      only: [
        'subscribers',
        'return',
        'dearest',
        'tables',
        'refusing',
        'alerts',
        'groups',
        'reload',
        'sources',
        'soak',
      ],
      over: transports,
    },
    flags: [],
  });
  const { seconds, rounds, minutes } = options;
  if (options.only.includes('subscribers')) {
    for (const subscribers of [1_000, 2_000]) {
      if (subscribers > options.subscribers) continue;
      for (const transport of options.over as Transport[]) {
        await crowd(transport, { subscribers, seconds, rounds }, say);
      }
    }
  }
  if (options.only.includes('return')) await allReturn(rounds, say);
  if (options.only.includes('dearest')) await dearestQueries(rounds, say);
  if (options.only.includes('tables')) await manyTables(options.tables, 3 * seconds, say);
  if (options.only.includes('refusing')) await refusing(3 * seconds, say);
  if (options.only.includes('reload')) await reloading(options.pairs, rounds, say);
  if (options.only.includes('groups')) await alertGroups(Math.min(options.alerts, 10_000), say);
  if (options.only.includes('alerts')) {
    for (const alerts of [1_000, 10_000, 100_000]) {
      if (alerts <= options.alerts) await alertStorm(alerts, say);
    }
  }
  if (options.only.includes('sources')) await manySources(minutes, say);
  if (options.only.includes('soak')) await soak(minutes, say);
});
