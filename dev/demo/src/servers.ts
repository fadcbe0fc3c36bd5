import {
  caughtUp,
  createMonitorUser,
  findOrInstall,
  type Flavour,
  replicate,
  ServerUnavailable,
  startServer,
  type TestServer,
} from '@lockstep/servers';
import { fillShop } from './shop/fill.ts';

export interface ShopServers {
  source: TestServer;
  replicas: { 'replica-a': TestServer; 'replica-b': TestServer };
  remove(): Promise<void>;
}

/** The flavour asked for, or the first that this machine has or can fetch. */
export async function chooseFlavour(
  wanted: Flavour | null,
  onProgress: (line: string) => void,
): Promise<Flavour> {
  if (wanted !== null) {
    await findOrInstall(wanted, { onProgress });
    return wanted;
  }
  try {
    await findOrInstall('mariadb', { onProgress });
    return 'mariadb';
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    onProgress(error.message);
    await findOrInstall('mysql', { onProgress });
    return 'mysql';
  }
}

/** A source with the filled shop, and two replicas that have it all. */
export async function startShop(flavour: Flavour): Promise<ShopServers> {
  // The demo may run for days, its binary logs must not.
  const options = ['--max-binlog-size=16M', '--binlog-expire-logs-seconds=900'];
  const started = await Promise.allSettled(
    [1, 2, 3].map((serverId) => startServer({ flavour, serverId, options })),
  );
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const remove = async () => {
    await Promise.all(servers.map((server) => server.remove()));
  };
  try {
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    const [source, a, b] = servers as [TestServer, TestServer, TestServer];
    await Promise.all([replicate(a, source), replicate(b, source), fillShop(source)]);
    await Promise.all([a, b].map((replica) => caughtUp(source, replica)));
    await Promise.all(servers.map((server) => createMonitorUser(server, ['shop'])));
    return { source, replicas: { 'replica-a': a, 'replica-b': b }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
