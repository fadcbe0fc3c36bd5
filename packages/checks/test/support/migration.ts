import { createMonitorUser, type Flavour, type FreshSchema, type ServerHandle } from '@lockstep/servers';
import { sharedPair } from '@lockstep/servers/vitest';
import { onTestFinished } from 'vitest';

/** One schema on two servers, of different flavours, that do not replicate: a migration target. */
export async function migration(from: Flavour = 'mysql', to: Flavour = 'mariadb'): Promise<FreshSchema> {
  const source = (await sharedPair(from)).source;
  const target = (await sharedPair(to)).source;
  const name = `x_${Math.random().toString(36).slice(2)}`;
  const both = (work: (server: ServerHandle) => Promise<unknown>) => Promise.all([source, target].map(work));
  await both((server) => server.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`));
  await both((server) => createMonitorUser(server, [name]));
  const drop = async () => {
    await both((server) => server.query(`DROP DATABASE IF EXISTS ${name}`));
  };
  onTestFinished(drop);
  return { source, target, name, sql: name, caughtUp: () => Promise.resolve(), drop };
}
