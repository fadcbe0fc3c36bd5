import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMonitorUser, type Flavour, freePort, guard, startPair, steppedClock } from '@lockstep/servers';
import { buildPage } from '../build-page.ts';
import { startLockstep } from '../lockstep-process.ts';
import type { Options } from '../options.ts';
import { choosePort } from '../port.ts';
import { chooseFlavour } from '../servers.ts';
import type { Parts } from '../until-stopped.ts';
import { drill, type DrillStage, prepareLedger } from './drill.ts';
import { drillConfig, onCall } from './drill-config.ts';
import { startMailServer } from './mail-server.ts';

const hourMs = 3_600_000;

/** A night on call in some two minutes; what history says of it stays to be looked at. */
export async function startDrill(
  options: Options,
  say: (line: string) => void,
  cleanup: AsyncDisposableStack,
): Promise<Parts> {
  const flavour = await chooseFlavour(options.flavour, say);
  const port = await choosePort(options.port, 8080);
  say('Starting a source and a replica; building the page …');
  const [stage] = await Promise.all([setStage(flavour, port, say, cleanup), buildPage()]);
  if (!stage) throw new Error('the drill needs libfaketime, for a night that takes no night');
  say(`Open ${stage.address}/ and sign in with ${onCall.token} (Ctrl-C ends everything)`);
  const told = drill(stage).then(() =>
    say('The history of the night is on the page: alerts, silences, events'),
  );
  const failed = told.then(() => new Promise<string>(() => undefined));
  return [stage.ended, failed];
}

/** Servers, mail and Lockstep with a clock of its own; null where there is no such clock to be had. */
export async function setStage(
  flavour: Flavour,
  port: number | null,
  say: (line: string) => void,
  cleanup: AsyncDisposableStack,
): Promise<(DrillStage & { ended: Promise<never> }) | null> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-drill-'));
  const guardian = guard(folder);
  cleanup.defer(() => guardian.finish());
  const clock = await steppedClock(folder);
  if (!clock) return null;
  const mail = await startMailServer();
  cleanup.defer(() => mail.close());
  const pair = cleanup.use(await startPair({ flavour }));
  const servers = { source: pair.source, replica: pair.target };
  await prepareLedger(servers);
  for (const server of Object.values(servers)) await createMonitorUser(server, ['ledger']);

  const config = join(folder, 'lockstep.yaml');
  const at = port ?? (await freePort());
  const storage = join(folder, 'lockstep.db');
  const until = new Date(Date.now() + hourMs);
  await writeFile(config, drillConfig(servers, { port: at, mail: mail.place, until, storage }), {
    mode: 0o600,
  });
  const lockstep = await startLockstep(folder, config, at, { env: clock.env });
  cleanup.defer(() => lockstep.stop());
  return { ...servers, clock, mail, say, address: `http://127.0.0.1:${at}`, ended: lockstep.ended };
}
