import { writeFileSync } from 'node:fs';
import { crawl, type ServerConfig } from '@lockstep/checks';
import { sentence } from '../config/system-error.ts';
import { createLogger } from '../log.ts';
import { printable } from '../printable.ts';
import { EXIT } from './exit-code.ts';
import { initialFile } from './initial-file.ts';
import { type Io, UsageError } from './io.ts';
import { configFrom, type NamedServers, pairOfDefaults } from './named-servers.ts';
import { exitCodeOf, onStopSignal } from './signals.ts';

export interface InitOptions extends Omit<NamedServers, 'config' | 'host' | 'source' | 'target'> {
  from: string;
  output: string;
  account: string;
}

/** `lockstep init`: goes through the topology from one server on, and writes a configuration for all of it. */
export async function init({ from, output, account, ...options }: InitOptions, io: Io): Promise<number> {
  const config = await configFrom({ ...options, host: from }, io);
  const stop = new AbortController();
  let stoppedBy: NodeJS.Signals | undefined;
  using _signals = onStopSignal((signal) => {
    stoppedBy = signal;
    stop.abort(new Error(`stopped by ${signal}`));
  });
  const [first] = config.engine.servers as [ServerConfig];
  const log = createLogger({ ...config.log, level: 'silent' }, io.stderr);
  const found = await crawl({ first, connection: config.engine.connection, log, signal: stop.signal });
  if (stoppedBy) return exitCodeOf(stoppedBy);
  const [begin] = found.servers;
  if (!begin?.facts) {
    io.stderr.write(
      `${printable(`${first.name} was not reached: ${begin?.fault ?? 'nothing is known of it'}`)}\n`,
    );
    return EXIT.unverified;
  }
  for (const note of found.notes) io.stderr.write(`${printable(note)}\n`);
  if (found.links.length === 0) {
    io.stderr.write(
      `${first.name} replicates from nobody, and nobody that could be found from it: nothing was written.\n`,
    );
    return EXIT.unverified;
  }
  const text = initialFile(found, { account, tls: first.tls !== null, pair: pairOfDefaults(io) });
  if (output === '-') io.stdout.write(text);
  else {
    try {
      // Never over one that is there.
      writeFileSync(output, text, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
      throw new UsageError(
        `${output}: ${exists ? 'it is there already, and is not overwritten; give another --output FILE' : sentence(error)}`,
      );
    }
    const count = (list: unknown[], noun: string) => `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
    io.stderr.write(
      `${output} was written: ${count(found.servers, 'server')}, ${count(found.links, 'pair')}. Read it; it says what is left to do.\n`,
    );
  }
  return found.servers.some(({ fault }) => fault !== null) || found.notes.length > 0
    ? EXIT.unverified
    : EXIT.ok;
}
