import { caughtUp, type Flavour, forgetSource, replicate, startServer } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { readEngineConfig } from '../engine-config.ts';
import { exactly, plainFigure, printFigures } from '../report/figure.ts';
import { seconds } from '../report/units.ts';
import { writeConfig } from '../service/config-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { recordLag } from './lag-recorder.ts';
import { movingAddress } from './moving-address.ts';

/**
 * The source dies, one replica takes its place and its address, and the pair's target replicates from that one: how
 * soon the lag is known again, and that until then nobody is told one.
 */
export async function failover(flavour: Flavour, say: Say): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const start = async () => cleanup.use(await startServer({ flavour }));
  const [old, heir, target] = await Promise.all([start(), start(), start()]);
  await Promise.all([replicate(heir, old), replicate(target, old)]);
  const address = await movingAddress(old.port);
  cleanup.defer(() => address.close());
  const file = await writeConfig(await temporaryFolder(cleanup), {
    servers: { source: { handle: old, port: address.port }, target: { handle: target } },
    pairs: [{ name: 'pair', source: 'source', target: 'target' }],
    tables: ['bench.*'],
  });
  // One account of the same password on both, as a failover needs.
  await heir.query(
    `SET sql_log_bin = 0; ALTER USER '${old.monitor.user}'@'127.0.0.1' IDENTIFIED BY '${old.monitor.password}'; SET sql_log_bin = 1`,
  );
  const recorder = recordLag(readEngineConfig(file).engine);
  cleanup.defer(() => recorder.stop());
  const inSync = () => recorder.until(({ lagMs, method }) => lagMs === 0 && method === 'gtid', 120_000);
  await inSync();
  await old.query('CREATE DATABASE bench; CREATE TABLE bench.before_failover (id INT PRIMARY KEY)');
  await Promise.all([caughtUp(old, heir), caughtUp(old, target)]);

  say(`${flavour}: failing over …`);
  await old.kill9();
  const killed = performance.now();
  const noticed = await recorder.until(({ lagMs }) => lagMs === null, 60_000);
  const from = recorder.samples.length;
  await Promise.all([forgetSource(heir), forgetSource(target)]);
  await replicate(target, heir);
  await heir.query('CREATE TABLE bench.after_failover (id INT PRIMARY KEY)');
  await caughtUp(heir, target);
  const moved = performance.now();
  const early = recorder.samples.slice(from).filter(({ sample }) => sample.lagMs !== null).length;
  address.moveTo(heir.port);
  const known = await inSync();
  printFigures(
    `${flavour} ${old.version.join('.')}: failover to another server behind the source's address`,
    [
      plainFigure('source killed: until the lag is unknown', seconds(noticed - killed)),
      exactly('samples that said a lag while there was no source', early, 0),
      plainFigure('address moved: until the lag is known', seconds(known - moved)),
    ],
  );
}
