import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, freePort, guard, lastLines, type ServerHandle, spawnGuarded } from '@lockstep/servers';
import { patient, unhurried } from '@lockstep/servers/patience';
import { vi } from 'vitest';

const cli = join(import.meta.dirname, '../../../../api/src/cli.ts');

export interface LockstepOptions {
  /** By name. */
  servers: Record<string, ServerHandle>;
  pairs: { name: string; source: string; target: string; heartbeat?: object; checks?: object }[];
  /** Patterns `schema.table`. */
  tables: string[];
  http?: object;
  notifications?: object[];
}

/** The service as a user runs it, in a process of its own that can be ended and started again at the same address. */
export class Lockstep {
  readonly port: number;
  readonly #options: LockstepOptions;
  readonly #folder: string;
  readonly #guardian: ReturnType<typeof guard>;
  #process: ChildProcess | null = null;

  private constructor(options: LockstepOptions, port: number, folder: string) {
    this.#options = options;
    this.port = port;
    this.#folder = folder;
    this.#guardian = guard(folder);
  }

  static async start(options: LockstepOptions): Promise<Lockstep> {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-page-'));
    const lockstep = new Lockstep(options, await freePort(), folder);
    await lockstep.#write({});
    await lockstep.start();
    return lockstep;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#process) return;
    const log = openSync(join(this.#folder, 'log'), 'a');
    const command = [process.execPath, cli, 'serve', '--config', join(this.#folder, 'lockstep.json')];
    const child = spawnGuarded(this.#folder, command, { cwd: this.#folder, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#process = child;
    await vi.waitFor(async () => {
      if (child.exitCode !== null) throw new Error(await this.#log());
      const response = await fetch(`${this.address}/api/health/live`);
      if (!response.ok) throw new Error(`${response.status}: ${await this.#log()}`);
    }, patient);
  }

  /** As a crash: nobody is told. */
  async kill(): Promise<void> {
    if (this.#process) await endProcess(this.#process, 'SIGKILL');
    this.#process = null;
  }

  /** Has the file differ from what it was at the start, in these options alone, and the service take that up. */
  async configure(but: Partial<LockstepOptions>): Promise<void> {
    await this.#write(but);
    this.#process?.kill('SIGHUP');
  }

  /** Asks the service itself. */
  async graphql<Data>(query: string, variables: object = {}): Promise<Data> {
    const response = await fetch(`${this.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
    if (!data) throw new Error(errors?.map((each) => each.message).join(' ') ?? String(response.status));
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#guardian.finish();
  }

  async #write(but: Partial<LockstepOptions>): Promise<void> {
    const text = JSON.stringify(config({ ...this.#options, ...but }, this.port));
    await writeFile(join(this.#folder, 'lockstep.json'), text, { mode: 0o600 });
  }

  async #log(): Promise<string> {
    return lastLines(await readFile(join(this.#folder, 'log'), 'utf8'));
  }
}

function config({ servers, pairs, tables, http, notifications = [] }: LockstepOptions, port: number): object {
  return {
    servers: Object.fromEntries(
      Object.entries(servers).map(([name, { host, port, monitor }]) => [name, { host, port, ...monitor }]),
    ),
    pairs,
    defaults: {
      tables,
      lag: { warning: '2s', critical: '30s', for: '1s' },
      // Checks run when a test asks for them, and at the start.
      checks: { checksum: { every: '1h' }, consistency: { every: '1h' } },
    },
    lag: { sampleInterval: '250ms', statusInterval: '500ms', timeout: unhurried },
    alerts: { for: '1s', keepFiringFor: '1s' },
    connection: { connectTimeout: unhurried, firstDelay: '200ms', maxDelay: '1s' },
    storage: { file: 'lockstep.db' },
    notifications,
    log: { format: 'json' },
    http: { host: '127.0.0.1', port, ...http },
  };
}
