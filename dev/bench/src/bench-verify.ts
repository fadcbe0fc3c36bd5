// `npm run bench:verify`: how fast verification is, what it costs the source, whether it is right under load, and how
// much memory it takes; against its peers where they are installed.
import { benchmark } from './benchmark.ts';
import { readOptions } from './options.ts';
import { findPeers } from './verify/peers.ts';
import { ptTableChecksum } from './verify/pt-table-checksum.ts';
import { fillSbtest, sbtestNames } from './verify/sbtest.ts';
import { startVerificationPair } from './verify/verification-pair.ts';
import { wallTime } from './verify/wall-time.ts';
import type { Flavour } from '@lockstep/servers';

const usage =
  'npm run bench:verify [-- --rows N] [--rounds N] [--seconds N] [--minutes N] [--only time,load,correct,memory] [--flavours mariadb,mysql] [--install-peers]';

await benchmark(usage, 90, async (say) => {
  const options = readOptions(process.argv.slice(2), {
    numbers: { rows: 1_000_000, rounds: 5, seconds: 15, minutes: 1 },
    lists: { only: ['time', 'load', 'correct', 'memory'], flavours: ['mariadb', 'mysql'] },
    flags: ['install-peers'],
  });
  const peers = await findPeers(options['install-peers'], say);
  for (const flavour of options.flavours as Flavour[]) {
    await using cleanup = new AsyncDisposableStack();
    const servers = await startVerificationPair(flavour, cleanup);
    const tables = sbtestNames(2);
    say(`${servers.name}: filling ${tables.length} tables …`);
    await fillSbtest(servers.pair, tables, options.rows);
    const pt = peers.ptTableChecksum
      ? await ptTableChecksum(servers, tables)
      : { because: 'pt-table-checksum is not installed' };
    if (options.only.includes('time')) await wallTime(servers, { tables, ...options, pt }, say);
  }
});
