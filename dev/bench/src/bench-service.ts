// `npm run bench:service`: what the service bears in its worst hour.
import { benchmark } from './benchmark.ts';
import { readOptions } from './options.ts';
import { alertStorm } from './service/alert-storm.ts';

const usage = 'npm run bench:service [-- --alerts N] [--only alerts]';

await benchmark(usage, 60, async (say) => {
  const options = readOptions(process.argv.slice(2), {
    numbers: { alerts: 100_000 },
    lists: { only: ['alerts'] },
    flags: [],
  });
  if (options.only.includes('alerts')) {
    for (const alerts of [1_000, 10_000, 100_000]) {
      if (alerts <= options.alerts) await alertStorm(alerts, say);
    }
  }
});
