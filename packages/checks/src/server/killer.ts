import { addAbortListener } from 'node:events';
import type { Logger } from '../log.ts';
import { areTwo } from './instance.ts';
import { isOneProcess } from './running.ts';
import type { SqlConnection } from './sql-connection.ts';
import type { ServerFacts } from './sql-server.ts';

export interface KillerOptions {
  server: string;
  log: Logger;
  /** A connection of its own; rejects with a ServerFault. */
  open: (timeoutMs: number, signal: AbortSignal) => Promise<SqlConnection>;
}

const timeoutMs = 2_000;

/** Kills on the server what was given up here. A failure is no fault: the server's own limit ends it later. */
export class Killer {
  readonly #options: KillerOptions;
  #toKill: SqlConnection[] = [];
  #killing: Promise<void> | null = null;

  constructor(options: KillerOptions) {
    this.#options = options;
  }

  /** Resolves when whatever was to be killed by now is, or cannot be; null when there is nothing. */
  get killing(): Promise<void> | null {
    return this.#killing;
  }

  kill(connection: SqlConnection): void {
    if (!connection.isNumberedByServer) return;
    this.#toKill.push(connection);
    this.#killing ??= this.#killAll().finally(() => (this.#killing = null));
  }

  async #killAll(): Promise<void> {
    const { server, log, open } = this.#options;
    const signal = AbortSignal.timeout(timeoutMs);
    let killer: SqlConnection | undefined;
    try {
      killer = await open(timeoutMs, signal);
      addAbortListener(signal, () => killer?.destroy());
      for (let victim = this.#toKill.pop(); victim; victim = this.#toKill.pop()) {
        if (!numbersAlike(victim.facts, killer.facts)) continue;
        await killer.query('KILL QUERY ?', [victim.threadId], timeoutMs).catch(() => {});
      }
    } catch (error) {
      this.#toKill = [];
      log.debug({ server, error: String(error) }, 'could not kill an abandoned statement');
    } finally {
      killer?.destroy();
    }
  }
}

/** Sessions have other numbers on another server, and on the same one once it was started again, or on a copy of it. */
function numbersAlike(before: ServerFacts, now: ServerFacts): boolean {
  if (before.identity !== now.identity || areTwo(before.instance, now.instance)) return false;
  return !before.running || !now.running || isOneProcess(before.running, now.running);
}
