import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerBinaries } from '../binaries/binaries.ts';
import { flavourName } from '../flavour.ts';
import { patienceMs } from '../patience.ts';
import { lastLines } from '../run.ts';
import { ServerHandle } from '../server-handle.ts';
import { connect } from '../sql.ts';
import { cannotServe, shortage } from '../suite/cannot-serve.ts';
import { type Accounts, firstAccounts } from './first-accounts.ts';
import { endProcess, spawnGuarded } from './guarded-process.ts';
import type { Guardian } from './guardian.ts';
import { leanOptions, replicationOptions, storageOptions } from './server-options.ts';
import { everyThreadStopped } from './stopped-threads.ts';

export interface TestServerSetup {
  binaries: ServerBinaries;
  /** Holds the data, the log, the socket and the process number. */
  folder: string;
  guardian: Guardian;
  port: number;
  serverId: number;
  options: string[];
  env: Record<string, string>;
  accounts: Accounts;
}

export interface StartAs {
  /** Without the server's own options, of which some may need others of its kind. */
  alone?: boolean;
  /** Options for this time only. */
  more?: string[];
}

/** The port was taken before the server could listen on it. */
export class PortTaken extends Error {}

/** A server that belongs to this process: it can be killed, frozen, stopped and started again on the same data. */
export class TestServer extends ServerHandle {
  readonly serverId: number;
  readonly dataDir: string;
  readonly #setup: TestServerSetup;
  #process: ChildProcess | null = null;
  #accountsMade = false;

  constructor(setup: TestServerSetup) {
    super({
      ...setup.accounts,
      flavour: setup.binaries.flavour,
      version: setup.binaries.version,
      host: '127.0.0.1',
      port: setup.port,
      socket: join(setup.folder, 'sock'),
      rootUser: 'root',
    });
    this.serverId = setup.serverId;
    this.dataDir = join(setup.folder, 'data');
    this.#setup = setup;
  }

  /** Null while it does not run. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Starts it (again); resolves when it accepts logins. */
  async start(as: StartAs = {}): Promise<void> {
    if (this.#process) return;
    const { folder, env } = this.#setup;
    const log = openSync(join(folder, 'log'), 'a');
    const child = spawnGuarded(folder, await this.#commandLine(as), {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
    });
    closeSync(log);
    this.#process = child;
    child.once('exit', () => {
      this.#process = null;
      this.session.close();
    });
    await this.#ready(child);
    this.#accountsMade = true;
  }

  /** Its data are a copy of a server's that has the same accounts. */
  hasAccounts(): void {
    this.#accountsMade = true;
  }

  /** Orderly; data, port and accounts stay for the next `start()`. */
  async stop(): Promise<void> {
    this.thaw();
    if (this.flavour === 'mysql') await this.#sendReplicasAway();
    await this.#end('SIGTERM');
  }

  /** As a crash: no time to say goodbye. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops answering while its connections stay open; resolves when it has stopped. */
  async freeze(): Promise<void> {
    this.#process?.kill('SIGSTOP');
    if (this.pid !== null) await everyThreadStopped(this.pid);
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Resolves when the process that runs now has ended, for whatever reason. */
  async ended(): Promise<void> {
    const child = this.#process;
    if (child) await new Promise((resolve) => child.once('exit', resolve));
  }

  /** Ends it for good and removes its data. */
  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    await this.#setup.guardian.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }

  /** The end of the server's own error log. */
  async log(lines = 30): Promise<string> {
    return lastLines(await readFile(join(this.#setup.folder, 'log'), 'utf8'), lines);
  }

  async #commandLine({ alone = false, more = [] }: StartAs): Promise<string[]> {
    const { binaries, folder, port, serverId, options, accounts } = this.#setup;
    const command = [
      ...binaries.command,
      ...storageOptions(binaries),
      ...leanOptions(binaries),
      ...replicationOptions(binaries, serverId),
      `--datadir=${this.dataDir}`,
      // A starting MariaDB deletes all servers' temporary tables from a shared one.
      `--tmpdir=${folder}`,
      `--socket=${this.socket}`,
      `--pid-file=${join(folder, 'server.pid')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
    ];
    if (!this.#accountsMade) {
      const file = join(folder, 'accounts.sql');
      await writeFile(file, firstAccounts(binaries, accounts), { mode: 0o600 });
      command.push(`--init-file=${file}`);
    }
    return [...command, ...(alone ? [] : options), ...more];
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) throw await this.#didNotStart(child);
      try {
        // By its socket: at its port another server may answer that was faster, and this one is about to say so.
        const connection = await connect({ socket: this.socket, user: 'root', password: this.rootPassword });
        await connection.end();
        return;
      } catch (error) {
        if (performance.now() > deadline || isDenied(error)) {
          await this.#end('SIGKILL');
          throw new Error(`${await this.#complaint('does not accept logins')}`, { cause: error });
        }
        await pause(50);
      }
    }
  }

  async #didNotStart(child: ChildProcess): Promise<Error> {
    // Nobody here did that: systems do when memory runs out.
    if (child.signalCode === 'SIGKILL') return new Error(cannotServe('a starting server was killed.'));
    const message = await this.#complaint('ended while starting');
    return /address already in use/i.test(message) ? new PortTaken(message) : new Error(message);
  }

  async #complaint(what: string): Promise<string> {
    const { flavour, version } = this;
    const short = shortage(await this.log());
    if (short !== null) return cannotServe(`${short} for a server in ${this.#setup.folder}.`);
    return `${flavourName[flavour]} ${version.join('.')} ${what}; the end of its log:\n${await this.log()}`;
  }

  /** MySQL's shutdown waits about 8 s for the threads that serve replicas, unless they are ended before. */
  async #sendReplicasAway(): Promise<void> {
    if (!this.#process) return;
    const threads = await this.query<{ Id: number; Command: string }>('SHOW PROCESSLIST');
    for (const { Id, Command } of threads) {
      if (Command.startsWith('Binlog Dump')) await this.query('KILL ?', [Id]).catch(() => undefined);
    }
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.session.close();
    if (!child) return;
    await endProcess(child, signal);
    await rm(join(this.#setup.folder, 'pid'), { force: true });
  }
}

/** The server is up and its accounts are not what they should be: waiting does not help. */
function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ER_ACCESS_DENIED_ERROR';
}
