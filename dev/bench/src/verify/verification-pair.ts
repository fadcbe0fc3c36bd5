import type { EngineConfig, PairConfig } from '@lockstep/checks';
import { createMonitorUser, type Flavour, type OwnPair, startPair } from '@lockstep/servers';
import { readEngineConfig } from '../engine-config.ts';
import { writeConfig } from '../service/config-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { schema } from './sbtest.ts';

export interface VerificationPair {
  pair: OwnPair;
  name: string;
  folder: string;
  /** Lockstep's configuration file for it: the defaults. */
  file: string;
  config: { engine: EngineConfig; pair: PairConfig };
}

/** A replicating pair that keeps all its data in memory, so that work is measured and not disks. */
export async function startVerificationPair(
  flavour: Flavour,
  cleanup: AsyncDisposableStack,
): Promise<VerificationPair> {
  const pair = cleanup.use(
    await startPair({
      flavour,
      options: ['--innodb-buffer-pool-size=1G', '--max-binlog-size=256M'],
    }),
  );
  await pair.source.query(`CREATE DATABASE ${schema}`);
  for (const server of [pair.source, pair.target]) await createMonitorUser(server, [schema]);
  const folder = await temporaryFolder(cleanup);
  const file = await writeConfig(folder, {
    servers: { source: { handle: pair.source }, target: { handle: pair.target } },
    pairs: [{ name: 'pair', source: 'source', target: 'target' }],
    tables: [`${schema}.*`],
  });
  const name = `${flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${pair.source.version.join('.')}`;
  return { pair, name, folder, file, config: readEngineConfig(file) };
}
