import type { ServerConfig } from '../config.ts';
import { Glance, type GlanceOptions } from '../lag/glance.ts';
import { readMembership } from '../position/membership.ts';
import { addressOf } from '../server/address.ts';
import type { Server } from '../server/server.ts';
import { ServerFault } from '../server/sql-server.ts';
import { sleep } from '../time/sleep.ts';
import { binaryLog } from './binary-log.ts';
import { clock, timeZones } from './clocks.ts';
import { inBetween, reach, tls, version } from './connection.ts';
import { doubt, type Finding } from './finding.ts';
import { pairFindings } from './pair.ts';
import { privileges } from './privileges.ts';
import { group, type Parts, role, semiSync } from './role.ts';
import { readSettings, type ServerSettings } from './server-settings.ts';

/** Everything that was found of one server, or of one pair. */
export interface Examined {
  kind: 'server' | 'pair';
  name: string;
  /** Where a server is reached; the servers of a pair. */
  place: string;
  findings: Finding[];
}

/** How long the first health check may take. */
const pingMs = 2_000;

/** Asks servers and pairs for what Lockstep, and replication, need. Resolves whatever is wrong with them. */
export async function examine(options: GlanceOptions): Promise<Examined[]> {
  const { engine, pairs, signal } = options;
  await using glance = new Glance(options);
  await glance.start();
  const settings = new Map<string, ServerSettings>();
  const servers = await Promise.all(
    engine.servers.map(async (config): Promise<Examined> => {
      const parts = {
        isSource: pairs.some(({ source }) => source === config.name),
        isTarget: pairs.some(({ target }) => target === config.name),
      };
      const findings = await serverFindings(glance.get(config.name), config, parts, settings, signal);
      return { kind: 'server', name: config.name, place: addressOf(config), findings };
    }),
  );
  const examined = await Promise.all(
    pairs.map(async (pair): Promise<Examined> => {
      const findings = await pairFindings(pair, glance, signal);
      const [here, there] = [settings.get(pair.source), settings.get(pair.target)];
      if (here && there) findings.push(timeZones(here, there));
      return { kind: 'pair', name: pair.name, place: `${pair.source} → ${pair.target}`, findings };
    }),
  );
  return [...servers, ...examined];
}

async function serverFindings(
  server: Server,
  config: ServerConfig,
  parts: Parts,
  kept: Map<string, ServerSettings>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { facts } = server;
  if (!server.connected || !facts) {
    return [reach(false, server.lastFault ?? server.evidence, server.greeted !== null)];
  }
  const found = [reach(true, server.evidence), version(facts)];
  try {
    const settings = await readSettings(server);
    kept.set(server.name, settings);
    const membership = await readMembership(server, { lane: 'status' });
    const end = performance.now() + pingMs;
    while (server.state.clockAheadMs === null && performance.now() < end) {
      if (!(await sleep(20, signal))) break;
    }
    const { state } = server;
    return [
      ...found,
      tls(config, settings),
      inBetween(config, facts),
      ...privileges(state.missingPrivileges, settings),
      clock(state),
      role(parts, state.readOnly, facts, settings),
      ...(parts.isSource ? [...binaryLog(facts, settings), semiSync(settings)] : []),
      ...group(membership),
    ];
  } catch (error) {
    if (!(error instanceof ServerFault)) throw error;
    return [...found, doubt('settings', `they could not be read: ${error.reason}`, null)];
  }
}
