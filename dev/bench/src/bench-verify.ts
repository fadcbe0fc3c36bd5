// `npm run bench:verify`: how fast verification is, what it costs the source, whether it is right under load, and how
// much memory it takes; against its peers where they are installed.
import type { Flavour } from '@lockstep/servers';
import { benchmark } from './benchmark.ts';
import { readOptions } from './options.ts';
import { liveCorrectness } from './verify/live-correctness.ts';
import { lostTransactions } from './verify/lost-transactions.ts';
import { memory } from './verify/memory.ts';
import { findPeers } from './verify/peers.ts';
import { ptTableChecksum } from './verify/pt-table-checksum.ts';
import { fillSbtest, sbtestNames } from './verify/sbtest.ts';
import { startVerificationPair } from './verify/verification-pair.ts';
import { wallTime } from './verify/wall-time.ts';
import { workingLoad } from './verify/write-load.ts';

const usage =
  'npm run bench:verify [-- --rows N] [--rounds N] [--seconds N] [--minutes N] [--threads N] [--differences N] [--only time,load,correct,memory] [--flavours mariadb,mysql] [--install-peers]';

await benchmark(usage, 90, async (say) => {
  const options = readOptions(process.argv.slice(2), {
    numbers: { rows: 1_000_000, rounds: 5, seconds: 15, minutes: 1, threads: 2, differences: 100_000 },
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
    const { only } = options;
    if (only.includes('time')) await wallTime(servers, { tables, ...options, pt }, say);
    if (only.includes('memory')) await memory(servers, { tables, ...options }, say);
    if (only.includes('load')) {
      const load = await workingLoad(
        { source: servers.pair.source, tables, ...options },
        peers.sysbench,
        say,
      );
      await lostTransactions(servers, { tables, ...options, load, pt }, say);
    }
    if (only.includes('correct')) await liveCorrectness(servers, options.minutes, say);
  }
});
