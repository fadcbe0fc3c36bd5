import { caughtUp, replicate, startServer, type TestServer } from '@lockstep/servers';
import { writeConfig } from '../service/config-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export interface Fleet {
  source: TestServer;
  targets: TestServer[];
  /** Lockstep's configuration; targets are named `t<number of the real one>-…`. */
  config: string;
  /** Servers in the configuration that are this real one. */
  namesOf: (server: TestServer) => number;
  pairs: number;
}

const realTargets = 4;

/**
 * Many pairs over a few real servers: each configured server is a server of its own for Lockstep, with its own
 * connections and samples, however many of them are the same one.
 */
export async function startFleetServers(
  pairs: number,
  cleanup: AsyncDisposableStack,
  { replicasOfOne = 10, but = {} }: { replicasOfOne?: number; but?: Record<string, unknown> } = {},
): Promise<Fleet> {
  const options = ['--max-connections=2000'];
  const started = await Promise.all(
    Array.from({ length: 1 + realTargets }, () => startServer({ flavour: 'mariadb', options })),
  );
  for (const server of started) cleanup.use(server);
  const [source, ...targets] = started as [TestServer, ...TestServer[]];
  await Promise.all(targets.map((target) => replicate(target, source)));
  await Promise.all(targets.map((target) => caughtUp(source, target)));
  const list = Array.from({ length: pairs }, (_, i) => ({
    name: `pair${i}`,
    source: `s${Math.floor(i / replicasOfOne)}`,
    target: `t${i % realTargets}-${i}`,
  }));
  const servers: Record<string, { handle: TestServer }> = {};
  for (const { source: from, target: to } of list) {
    servers[from] = { handle: source };
    servers[to] = { handle: targets[Number(to[1])] as TestServer };
  }
  const config = await writeConfig(await temporaryFolder(cleanup), {
    servers,
    pairs: list,
    tables: ['bench.*'],
    but,
    defaults: { checks: { checksum: false, consistency: false } },
  });
  return {
    source,
    targets,
    config,
    namesOf: (server) => Object.values(servers).filter(({ handle }) => handle === server).length,
    pairs,
  };
}
