import {
  addressOf,
  assumedFacts,
  Glance,
  neededGrants,
  type PairConfig,
  type Server,
} from '@lockstep/checks';
import { createLogger } from '../log.ts';
import { printable } from '../printable.ts';
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
 * `lockstep grants`: for each server the statements that make Lockstep's account. A server that answers is asked what
 * it is; for one that does not, as before the account is there, both flavours' are printed.
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
    const title = `${server.name} (${addressOf(server)})`;
    return block(glance.get(server.name), title, here, account(server.user, options.from));
  });
  io.stdout.write(`${blocks.join('\n')}`);
  return EXIT.ok;
}

function block(server: Server, title: string, pairs: PairConfig[], account: string): string {
  const { facts } = server;
  const flavours = facts ? [facts] : [assumedFacts.mysql, assumedFacts.mariadb];
  const lines = flavours.flatMap((each) => {
    const what = each.flavour === 'mysql' ? 'MySQL 8.0 and later' : 'MariaDB 10.5.9 and later';
    return [
      ...(facts ? [] : [`-- if it is ${what}:`]),
      `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '…';`,
      ...neededGrants(each, pairs, account).map((grant) => `${grant};`),
    ];
  });
  const asked = facts
    ? (facts.flavour === 'mysql' ? 'MySQL' : 'MariaDB') + ` ${facts.versionText}`
    : 'not reached';
  const why = facts ? '' : `\n-- ${printable(server.lastFault ?? server.evidence)}`;
  return `-- ${printable(title)}: ${printable(asked)}${why}\n${lines.join('\n')}\n`;
}

function account(user: string, from: string): string {
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return `${quote(user)}@${quote(from)}`;
}
