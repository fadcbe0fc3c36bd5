// `npm run bench`: what the service costs and how fast it is, on a real pair under light load, at default rates.
import { caughtUp, createMonitorUser, freePort, startPair } from '@lockstep/servers';
import { buildPage } from '../../demo/src/build-page.ts';
import { fillShop } from '../../demo/src/shop/fill.ts';
import { startWorkload } from '../../demo/src/shop/workload.ts';
import { benchmark } from './benchmark.ts';
import { cpuShare, largestRss, thirds, watchUsage } from './measure/process-usage.ts';
import { readOptions } from './options.ts';
import { atMost, below, plainFigure, printFigures } from './report/figure.ts';
import { median, quantile } from './report/statistics.ts';
import { kilobytes, megabytes, milliseconds, percent, seconds } from './report/units.ts';
import { changeToClient } from './service/change-to-client.ts';
import { writeConfig } from './service/config-file.ts';
import { firstViewBytes } from './service/first-view.ts';
import { lagClient } from './service/lag-client.ts';
import { startService } from './service/service-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const usage = 'npm run bench [-- --seconds N] [--rounds N]';
const starts = 3;

await benchmark(usage, 20, async (say, cleanup) => {
  const options = readOptions(process.argv.slice(2), {
    numbers: { seconds: 60, rounds: 20 },
    lists: {},
    flags: [],
  });
  say('Starting a MariaDB source and replica; building the page …');
  const [pair] = await Promise.all([startPair({ flavour: 'mariadb' }), buildPage()]);
  cleanup.use(pair);
  await fillShop(pair.source);
  await caughtUp(pair.source, pair.target);
  for (const server of [pair.source, pair.target]) await createMonitorUser(server, ['shop']);

  const folder = await temporaryFolder(cleanup);
  const port = await freePort();
  const config = await writeConfig(folder, {
    servers: { source: { handle: pair.source }, target: { handle: pair.target } },
    pairs: [{ name: 'pair', source: 'source', target: 'target' }],
    tables: ['shop.*'],
    but: { http: { port } },
  });
  say(`Starting Lockstep ${starts} times …`);
  const startMs: number[] = [];
  let service = await startService(folder, config, port);
  for (startMs.push(service.startMs); startMs.length < starts; startMs.push(service.startMs)) {
    await service.stop();
    service = await startService(folder, config, port);
  }
  cleanup.defer(() => service.stop());

  const workload = await startWorkload(pair.source);
  cleanup.defer(() => workload.stop());
  const client = lagClient(port, 'pair');
  cleanup.defer(() => client.close());
  await client.next(() => true);
  say(
    `Watching the process for ${options.seconds} s, with one client subscribed and about 85 writes a second …`,
  );
  const seen = client.arrivals.length;
  const usages = await watchUsage(service.pid, options.seconds * 1000);
  const delays = client.arrivals.slice(seen).map(({ sampledAt, arrivedAt }) => arrivedAt - sampledAt);
  await workload.stop();
  say(`Stopping the applier ${options.rounds} times …`);
  const changes = await changeToClient(pair, client, options.rounds);
  const [first, last] = thirds(usages);

  printFigures('The service: one pair, default rates, one subscribed client, 85 writes a second', [
    below('CPU, of one core', cpuShare(usages), 0.05, percent),
    plainFigure('  first third', percent(cpuShare(first))),
    plainFigure('  last third', percent(cpuShare(last))),
    below('memory (RSS), largest', largestRss(usages), 200 * 2 ** 20, megabytes),
    plainFigure('  largest in the first third', megabytes(largestRss(first))),
    plainFigure('  largest in the last third', megabytes(largestRss(last))),
    plainFigure(`lag sample to client, median of ${delays.length}`, milliseconds(median(delays))),
    plainFigure('  p95', milliseconds(quantile(delays, 0.95))),
    plainFigure(`change of lag to client, median of ${changes.length}`, milliseconds(median(changes))),
    atMost('  p95', quantile(changes, 0.95), 1000, milliseconds),
    plainFigure(`start until /api/health answers, median of ${startMs.length}`, seconds(median(startMs))),
    atMost('JavaScript of the first view, gzipped', await firstViewBytes(), 150 * 1024, kilobytes),
  ]);
});
