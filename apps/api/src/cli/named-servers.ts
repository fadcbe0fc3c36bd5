import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, type PairConfig } from '@lockstep/checks';
import { type ClientOptions, clientOptions } from '../config/client-options.ts';
import { type LoadedConfig, loadWithoutFile } from '../config/index.ts';
import { NAME } from '../config/leaves.ts';
import { askPasswords } from './ask-passwords.ts';
import { loadOrExplain } from './configuration.ts';
import { type Io, UsageError } from './io.ts';
import { type NamedPlace, parsePlace } from './place.ts';

/** Servers that are named on the command line, in place of a configuration file. */
export interface NamedServers {
  config?: string;
  source?: string;
  target?: string;
  /** One server, where a command is about servers. */
  host?: string;
  user?: string;
  askPass?: boolean;
  defaultsFile?: string;
  tls?: boolean;
  tlsCa?: string;
  channel?: string;
}

/** The configuration file's, or what the command line says instead. Throws UsageError. */
export async function configFrom(options: NamedServers, io: Io): Promise<LoadedConfig> {
  const { source, target, host } = options;
  if (source === undefined && target === undefined && host === undefined) {
    for (const [name, value] of Object.entries(alone(options))) {
      if (value !== undefined) {
        throw new UsageError(`${name} goes with --source and --target, not with a file`);
      }
    }
    return loadOrExplain(options.config, io);
  }
  if (options.config !== undefined) throw new UsageError('--config FILE or servers by name, not both');
  if (host !== undefined) return withoutFile([['--host', host]], options, io);
  if (source === undefined || target === undefined) {
    throw new UsageError('--source HOST goes with --target HOST');
  }
  return withoutFile(
    [
      ['--source', source],
      ['--target', target],
    ],
    options,
    io,
  );
}

const alone = ({ user, askPass, defaultsFile, tls, tlsCa, channel }: NamedServers) => ({
  '--user': user,
  '--ask-pass': askPass,
  '--defaults-file': defaultsFile,
  '--tls': tls,
  '--tls-ca': tlsCa,
  '--channel': channel,
});

const nobody = { name: 'nobody', socket: '/nowhere', user: 'nobody', password: '' };

async function withoutFile(
  named: [option: string, text: string][],
  options: NamedServers,
  io: Io,
): Promise<LoadedConfig> {
  const fromFile = optionsOf(options.defaultsFile, io);
  const places = named.map(([option, text]) => ({ option, ...parsePlace(text, option) }));
  const names = namesOf(places);
  const servers: Record<string, object> = {};
  for (const [index, name] of names.entries()) servers[name] = serverOf(places[index]!, options, fromFile);
  const [source, target] = names;
  const { channel } = options;
  const config = loadWithoutFile(
    {
      servers,
      // A configuration has a pair, even where it is about one server.
      pairs: [{ source, target: target ?? nobody, ...(channel !== undefined && { channel }) }],
      storage: { file: ':memory:' },
    },
    io.env,
  );
  if (!config.ok) throw new UsageError(config.messages.join('\n'));
  const { engine } = config.config;
  const own = engine.servers.filter(({ name }) => names.includes(name));
  const passwords = options.askPass
    ? await askPasswords(
        own.map((server) => `${server.user} at ${addressOf(server)}`),
        io,
      )
    : own.map(() => io.env['MYSQL_PWD'] ?? fromFile.password ?? '');
  return {
    ...config.config,
    engine: {
      ...engine,
      pairs: engine.pairs.filter((pair) => names.includes(pair.target)),
      servers: own.map((server, index) => ({
        ...server,
        password: () => Promise.resolve(passwords[index] ?? ''),
      })),
    },
  };
}

/** `--defaults-file`, else `~/.my.cnf` where there is one. */
function optionsOf(file: string | undefined, { env }: Io): ClientOptions {
  const own = join(env['HOME'] ?? '', '.my.cnf');
  const chosen = file ?? (env['HOME'] !== undefined && existsSync(own) ? own : undefined);
  if (chosen === undefined) return {};
  try {
    return clientOptions(chosen);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function serverOf(
  { option, host, port, socket, user = undefined }: NamedPlace & { option: string },
  options: NamedServers,
  fromFile: ClientOptions,
): Record<string, unknown> {
  const account = user ?? options.user ?? fromFile.user;
  if (account === undefined) {
    throw new UsageError(`${option}: whose account? Give --user NAME, or user in [client] of ~/.my.cnf`);
  }
  const at = port ?? fromFile.port;
  const tls = options.tlsCa !== undefined ? { ca: options.tlsCa } : (options.tls ?? fromFile.tls);
  return {
    ...(socket !== undefined ? { socket } : { host, ...(at !== undefined && { port: at }) }),
    user: account,
    password: '',
    ...(tls !== undefined && { tls }),
  };
}

/** As they were named, where that can be a server's name and tells the two apart. */
function namesOf(places: (NamedPlace & { option: string })[]): string[] {
  const shown = places.map(({ host, port, socket }) =>
    port === undefined ? (host ?? socket ?? '') : `${host}:${port}`,
  );
  const fit = shown.every((name) => NAME.test(name));
  return fit && new Set(shown).size === shown.length ? shown : places.map(({ option }) => option.slice(2));
}

/** What holds for a pair of which nobody said anything. */
export function pairOfDefaults({ env }: Io): PairConfig {
  const source = { ...nobody, name: 'source', socket: '/source' };
  const config = loadWithoutFile({ pairs: [{ source, target: nobody }] }, env);
  if (!config.ok) throw new UsageError(config.messages.join('\n'));
  return config.config.engine.pairs[0]!;
}
