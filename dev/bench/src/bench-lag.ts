// `npm run bench:lag`: how true the lag is in every trouble that replication knows, what watching 200 pairs costs and
// judging 2,000, and how soon it is known again after something died.
import type { Flavour } from '@lockstep/servers';
import { benchmark } from './benchmark.ts';
import { accuracy } from './lag/accuracy.ts';
import { failover } from './lag/failover.ts';
import { startFleetServers } from './lag/fleet-servers.ts';
import { judging } from './lag/judging.ts';
import { recovery } from './lag/recovery.ts';
import { scale } from './lag/scale.ts';
import { readOptions } from './options.ts';

const usage =
  'npm run bench:lag [-- --seconds N] [--pairs N] [--only truth,judge,scale,failover] [--flavours mariadb,mysql]';

await benchmark(usage, 60, async (say) => {
  const options = readOptions(process.argv.slice(2), {
    numbers: { seconds: 8, pairs: 200 },
    lists: { only: ['truth', 'judge', 'scale', 'failover'], flavours: ['mariadb', 'mysql'] },
    flags: [],
  });
  const { only, seconds } = options;
  const flavours = options.flavours as Flavour[];
  if (only.includes('truth')) for (const flavour of flavours) await accuracy(flavour, seconds, say);
  if (only.includes('judge')) judging(say);
  if (only.includes('scale')) {
    await using cleanup = new AsyncDisposableStack();
    say('Starting five MariaDB servers …');
    const fleet = await startFleetServers(options.pairs, cleanup);
    await scale(fleet, seconds * 4, say);
    await recovery(fleet, say);
  }
  if (only.includes('failover')) for (const flavour of flavours) await failover(flavour, say);
});
