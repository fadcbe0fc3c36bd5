import {
  addressOf,
  crawl,
  type FoundServer,
  Glance,
  type PairConfig,
  type ServerConfig,
} from '@lockstep/checks';
import { createLogger } from '../log.ts';
import { printable } from '../printable.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { judgeLag } from './judge-lag.ts';
import { lagText } from './lag-line.ts';
import { configFrom, type NamedServers, pairOfDefaults } from './named-servers.ts';
import { namesFor } from './server-names.ts';
import { exitCodeOf, onStopSignal } from './signals.ts';
import { tree } from './tree.ts';

export interface TopologyOptions extends NamedServers {
  from?: string;
}

/** `lockstep topology`: who replicates from whom, and how far behind. */
export async function topology({ from, ...options }: TopologyOptions, io: Io): Promise<number> {
  const config = await configFrom(from === undefined ? options : { ...options, host: from }, io);
  const stop = new AbortController();
  let stoppedBy: NodeJS.Signals | undefined;
  using _signals = onStopSignal((signal) => {
    stoppedBy = signal;
    stop.abort(new Error(`stopped by ${signal}`));
  });
  const log = createLogger({ ...config.log, level: 'silent' }, io.stderr);
  const { signal } = stop;
  const found = from === undefined ? null : await walk();
  const engine = { ...config.engine, ...found?.engine };
  const { pairs } = engine;
  await using glance = new Glance({ engine, pairs, log, signal });
  await glance.start();
  if (stoppedBy) return exitCodeOf(stoppedBy);

  const names = [
    ...new Set([...pairs.map(({ source }) => source), ...engine.servers.map(({ name }) => name)]),
  ];
  const lines = tree(names, pairs, (name, source) => {
    const { facts, state } = glance.get(name);
    const what = facts
      ? `${facts.flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${facts.version.join('.')}`
      : `not reached: ${glance.get(name).lastFault ?? state.evidence}`;
    const pair = pairs.find((each) => each.source === source && each.target === name);
    const judged = pair && judgeLag(pair, glance);
    return printable([name, what, ...(judged ? [lagText(judged.lag), judged.state] : [])].join('  '));
  });
  io.stdout.write(`${lines.join('\n')}\n`);
  for (const note of found?.notes ?? []) io.stderr.write(`${printable(note)}\n`);
  return EXIT.ok;

  async function walk() {
    const [first] = config.engine.servers as [ServerConfig];
    const found = await crawl({ first, connection: config.engine.connection, log, signal });
    const names = namesFor(found.servers);
    const name = (server: FoundServer) => names.get(server) ?? addressOf(server);
    const servers = found.servers.map((server) => ({
      ...first,
      socket: null,
      ...placeOf(server),
      name: name(server),
    }));
    const pairs = found.links.map((link): PairConfig => {
      const [source, target] = [name(link.source), name(link.target)];
      const several = link.target.channels.length > 1;
      return {
        ...pairOfDefaults(io),
        name: `${source}-${target}`,
        source,
        target,
        channel: several ? link.channel : null,
      };
    });
    return { engine: { servers, pairs }, notes: found.notes };
  }
}

const placeOf = ({ host, port, socket }: FoundServer) => ({ host, port, ...(socket != null && { socket }) });
