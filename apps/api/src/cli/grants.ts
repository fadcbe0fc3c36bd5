import { addressOf, assumedFacts, Glance, type PairConfig, type Server } from '@lockstep/checks';
import { createLogger } from '../log.ts';
import { printable } from '../printable.ts';
import { accountStatements, broughtToMembers, comesByItself, quotedAccount } from './account-statements.ts';
import { loadOrExplain } from './configuration.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { choosePairs } from './pairs.ts';
import { onStopSignal } from './signals.ts';

export interface GrantsOptions {
  config?: string;
  pair?: string[];
  from: string;
}

/**
 * `lockstep grants`: for each server the statements that make Lockstep's account. A server says what it is before
 * anybody logs in; for one that does not answer, both flavours' are printed.
 */
export async function grants(options: GrantsOptions, io: Io): Promise<number> {
  const config = loadOrExplain(options.config, io);
  const pairs = choosePairs(config, options.pair);
  const names = new Set(pairs.flatMap(({ source, target }) => [source, target]));
  const servers = config.engine.servers.filter(({ name }) => names.has(name));
  const stop = new AbortController();
  using _signals = onStopSignal((signal) => stop.abort(new Error(`stopped by ${signal}`)));
  // That the account is not there yet is no fault here.
  const engine = {
    ...config.engine,
    servers,
    connection: { ...config.engine.connection, attempts: 1 },
  };
  const log = createLogger({ ...config.log, level: 'silent' }, io.stderr);
  await using glance = new Glance({ engine, pairs: [], log, signal: stop.signal });
  await glance.start();
  const blocks = servers.map((server) => {
    const here = pairs.filter(({ source, target }) => [source, target].includes(server.name));
    return block({
      server: glance.get(server.name),
      title: `${server.name} (${addressOf(server)})`,
      pairs: here,
      account: quotedAccount(server.user, options.from),
      isReplica: pairs.some(({ target }) => target === server.name),
    });
  });
  io.stdout.write(blocks.join('\n'));
  return EXIT.ok;
}

interface Block {
  server: Server;
  title: string;
  pairs: PairConfig[];
  account: string;
  isReplica: boolean;
}

function block({ server, title, ...needs }: Block): string {
  const known = server.facts ?? server.greeted;
  const cluster = server.facts?.cluster;
  const flavours = known ? [known] : [assumedFacts.mysql, assumedFacts.mariadb];
  const lines = flavours.flatMap((facts) => {
    const what = facts.flavour === 'mysql' ? 'MySQL 8.0 and later' : 'MariaDB 10.5.9 and later';
    return [...(known ? [] : [`-- if it is ${what}:`]), ...accountStatements({ facts, ...needs })];
  });
  const asked = known
    ? (known.flavour === 'mysql' ? 'MySQL' : 'MariaDB') + ` ${known.versionText}`
    : 'not reached';
  const notes = [
    `${title}: ${asked}`,
    ...(server.facts ? [] : [server.lastFault ?? server.evidence]),
    ...(cluster ? [broughtToMembers[cluster]] : needs.isReplica ? [comesByItself] : []),
  ];
  return `${[...notes.map((note) => `-- ${printable(note)}`), ...lines].join('\n')}\n`;
}
