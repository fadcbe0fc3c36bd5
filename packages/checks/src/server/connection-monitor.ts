import type { ConnectionConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { ConnectionState } from '../model/server.ts';
import { backoffDelay } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { whenListened } from '../time/listened.ts';
import { sleep } from '../time/sleep.ts';
import { isBrokenOff } from './faults.ts';
import { LeftAlone, OtherAnswer, ServerFault } from './sql-server.ts';

export interface ConnectionMonitorOptions {
  server: string;
  config: ConnectionConfig;
  log: Logger;
  clock: Clock;
  /**
   * Tries once, for so long at most; resolves to what was reached, e.g. "MySQL 9.7.0", rejects with an error whose
   * message is a sentence.
   */
  attempt: (signal: AbortSignal, timeoutMs: number) => Promise<string>;
  /** What to say of an attempt that had no answer yet within the connect timeout. */
  silent: () => Error;
  /** Something of the public fields changed. */
  onChange: () => void;
}

/**
 * Between attempts a port that refuses is knocked at this often: it costs neither side anything, and a server that is
 * started again is found at once. One that does not answer, or turns the login away, is left alone for as long as was
 * said: there every try counts against this host (max_connect_errors).
 */
const knockMs = 2000;

/**
 * Where logins are broken off here they come as far apart as it has lasted, and this far at last: 100 of them, after
 * which a server lets nobody in from here by default, take days then.
 */
const brokenOffMs = 3_600_000;
/**
 * … and no further than this where it is silent: that a balancer with nobody behind it has somebody again, the attempt
 * that is open would never hear.
 */
const silentMs = 300_000;

/** A new connection that is answered by another this soon leads to where the one before it led. */
const misledAgainMs = 60_000;

/**
 * Knows whether a server can be reached: connecting → connected; after a loss a few attempts, further and further
 * apart, then disconnected, and quiet attempts for ever.
 */
export class ConnectionMonitor {
  state: ConnectionState = 'connecting';
  evidence = 'not tried yet';
  since: Date;
  attempts = 0;
  /** What the last failed attempt failed with, in words; null while connected. */
  lastFault: string | null = null;
  readonly #options: ConnectionMonitorOptions;
  #everConnected = false;
  /** How often in a row a login was broken off here, and how far apart attempts may come for it. */
  #brokenOff = 0;
  #mostApartMs = brokenOffMs;
  /** How often in a row another answered than the server, and when it did last. */
  #misled = { count: 0, at: -Infinity };
  readonly #stopping = new AbortController();
  #wake = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: ConnectionMonitorOptions) {
    this.#options = options;
    this.since = options.clock.wall();
  }

  start(): void {
    this.#running = this.#connect();
  }

  /** Somebody may have mended what was in the way: what is left alone, or open, for long is tried once, at once. */
  tryNow(): void {
    this.#wake();
  }

  /**
   * Another answered than the server not long ago: what is opened here may lead anywhere, and is not to be much.
   */
  get isDoubted(): boolean {
    return this.#options.clock.now() - this.#misled.at < misledAgainMs;
  }

  /** A connection beside those that there are led to this: the server was upgraded, or the name moved. */
  reached(what: string): void {
    if (this.state === 'connected') this.evidence = connectedTo(what);
  }

  /** The server was found unreachable, or another one answered. */
  lost(error: unknown): void {
    if (this.state !== 'connected' || this.#stopping.signal.aborted) return;
    this.#options.log.warn({ server: this.#options.server }, `connection lost: ${messageOf(error)}`);
    const leftAlone = error instanceof LeftAlone;
    const afterMs = leftAlone ? error.forMs : error instanceof OtherAnswer ? this.#misledDelay() : 0;
    const next = afterMs > 0 ? `; next in ${formatDuration(afterMs)}` : '';
    const why = leftAlone ? reasonOf(error) : `connection lost: ${reasonOf(error)}`;
    this.#become(leftAlone ? 'disconnected' : 'connecting', `${why}${next}`);
    this.#running = this.#connect(afterMs);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /**
   * It lets everybody in, so that every attempt succeeds, or is found out as soon as it has; they come further and
   * further apart all the same.
   */
  #misledDelay(): number {
    const { clock, config } = this.#options;
    const now = clock.now();
    const again = now - this.#misled.at < config.maxDelayMs + misledAgainMs;
    const count = again ? this.#misled.count + 1 : 0;
    this.#misled = { count, at: now };
    return count === 0 ? 0 : backoffDelay(count, config);
  }

  async #connect(afterMs = 0): Promise<void> {
    const { log, server, clock } = this.#options;
    const { signal } = this.#stopping;
    this.attempts = 0;
    if (afterMs > 0) await this.#pause(afterMs);
    let due = clock.now();
    while (!signal.aborted) {
      const isDue = clock.now() >= due;
      const failed = (error: unknown): void => {
        if (isDue) due = clock.now() + this.#failed(error);
      };
      const trying = new AbortController();
      this.#wake = () => trying.abort();
      try {
        const reached = await this.#try(failed, AbortSignal.any([signal, trying.signal]));
        this.attempts = 0;
        this.#brokenOff = 0;
        this.lastFault = null;
        this.#everConnected = true;
        this.#become('connected', connectedTo(reached));
        log.info({ server }, this.evidence);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (trying.signal.aborted) {
          due = clock.now();
          continue;
        }
        // One that was left open, and ended otherwise: its server may have been started anew.
        const isAlone = error instanceof LeftAlone || error instanceof OtherAnswer || this.#brokenOff > 0;
        if (!isAlone) due = Math.min(due, clock.now() + this.#delay(this.attempts));
        const left = Math.max(0, due - clock.now());
        const over = await this.#pause(isRefused(error) ? Math.min(left, knockMs) : left);
        if (!over) due = clock.now();
      }
    }
  }

  /** Whether the time has passed in full. */
  async #pause(ms: number): Promise<boolean> {
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    return await sleep(ms, AbortSignal.any([this.#stopping.signal, waking.signal]));
  }

  /**
   * One attempt. One that is not answered in time has failed, but is left open until the next is due: a frozen server
   * answers it in the moment it goes on. Calls `failed` once, then or when it rejects.
   */
  async #try(failed: (error: unknown) => void, signal: AbortSignal): Promise<string> {
    const { attempt, silent, config } = this.#options;
    const { connectTimeoutMs } = config;
    let told = false;
    const tell = (error: unknown): void => {
      if (!told && !signal.aborted) failed(error);
      told = true;
    };
    const callOff = whenListened(connectTimeoutMs, () => tell(silent()));
    try {
      return await attempt(signal, connectTimeoutMs + this.#delay(this.attempts + 1));
    } catch (error) {
      if (!signal.aborted) this.#noticeBrokenOff(error);
      tell(error);
      throw error;
    } finally {
      callOff();
    }
  }

  #noticeBrokenOff(error: unknown): void {
    this.#brokenOff = isBrokenOff(error) ? this.#brokenOff + 1 : 0;
    this.#mostApartMs = error instanceof ServerFault && error.givenUp ? silentMs : brokenOffMs;
  }

  /** How long after so many attempts the next is due. */
  #delay(attempts: number): number {
    const { config } = this.#options;
    const usual = backoffDelay(Math.max(1, attempts), config);
    if (this.#brokenOff === 0) return usual;
    return Math.max(usual, backoffDelay(this.#brokenOff, { ...config, maxDelayMs: this.#mostApartMs }));
  }

  /** Counts a failed attempt; returns in how many ms the next is due. */
  #failed(error: unknown): number {
    const { config, log, server } = this.#options;
    this.attempts++;
    this.lastFault = reasonOf(error);
    const leftAlone = error instanceof LeftAlone;
    const isMisled = error instanceof OtherAnswer || (this.isDoubted && !isRefused(error));
    const longer = leftAlone ? error.forMs : isMisled ? this.#misledDelay() : 0;
    const delay = Math.max(this.#delay(this.attempts), longer);
    const givenUp = leftAlone || this.attempts >= config.attempts;
    const message = messageOf(error);
    if (this.attempts === config.attempts) {
      log.error({ server }, `no connection after ${this.attempts} attempts: ${message}`);
    }
    // A loss was told when it happened; a server that was never there is told at the first try.
    else if (this.attempts === 1 && !this.#everConnected) log.warn({ server }, `no connection: ${message}`);
    else log.debug({ server, attempts: this.attempts }, message);
    const next = `next in ${formatDuration(delay)}`;
    if (leftAlone) {
      this.#become('disconnected', `${reasonOf(error)}; ${next}`);
      return delay;
    }
    this.#become(
      givenUp ? 'disconnected' : 'connecting',
      `attempt ${this.attempts}${givenUp ? '' : ` of ${config.attempts}`} failed: ${reasonOf(error)}; ${next}`,
    );
    return delay;
  }

  #become(state: ConnectionState, evidence: string): void {
    if (state !== this.state) this.since = this.#options.clock.wall();
    this.state = state;
    this.evidence = evidence;
    this.#options.onChange();
  }
}

function connectedTo(what: string): string {
  return `connected to ${what}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The evidence is said of a server that has been named already. */
function reasonOf(error: unknown): string {
  return error instanceof ServerFault ? error.reason : messageOf(error);
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
