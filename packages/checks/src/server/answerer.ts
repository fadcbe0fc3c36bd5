import { isDeepStrictEqual } from 'node:util';
import type { KnownServer } from '../model/server.ts';
import type { Clock } from '../time/clock.ts';
import { instanceText, movedOn } from './instance.ts';
import type { Noticed } from './noticed.ts';
import { ranBeside } from './running.ts';
import type { ServerFacts } from './sql-server.ts';
import { Whereabouts } from './whereabouts.ts';

/** What a new connection tells of who answers at its address. */
export interface Recognised {
  /** Another than before; null where it is the same, or the first. */
  another: { was: string; is: string } | null;
  /** Its role or its start is news. */
  news: boolean;
}

export interface AnswererOptions {
  noticed: Noticed;
  clock: Clock;
  /** What an earlier process knew of it. */
  known: KnownServer | undefined;
}

/** Who answers at an address: another server behind it (a failover, a moved name) must not be mixed with the first. */
export class Answerer {
  readonly #noticed: Noticed;
  readonly #clock: Clock;
  readonly #whereabouts = new Whereabouts();
  #facts: ServerFacts | null = null;
  /** Its identity as an earlier process knew it. */
  #before: string | undefined;
  #exchanges = 0;
  /** The last that took the place of another of its identity. */
  #copied: KnownServer['copied'];

  constructor({ noticed, clock, known }: AnswererOptions) {
    this.#noticed = noticed;
    this.#clock = clock;
    this.#before = known?.identity;
    this.#copied = known?.copied;
  }

  get facts(): ServerFacts | null {
    return this.#facts;
  }

  /** A node of a cluster numbers otherwise than its newest connection told. */
  numbers(wsrepGtid: ServerFacts['wsrepGtid']): void {
    if (!this.#facts || isDeepStrictEqual(this.#facts.wsrepGtid ?? null, wsrepGtid ?? null)) return;
    this.#facts = { ...this.#facts, wsrepGtid: wsrepGtid ?? null };
  }

  /** How often another server took the place of the one before. */
  get exchanges(): number {
    return this.#exchanges;
  }

  get copied(): KnownServer['copied'] {
    return this.#copied;
  }

  /** Why no single server answers here; null where one does. */
  get balancing(): string | null {
    return this.#whereabouts.balancing;
  }

  /** What an earlier process knew of it, and this one learns only now. Returns whether that is news. */
  recall({ identity, replaced, copied }: KnownServer): boolean {
    this.#copied ??= copied;
    if (this.#facts) this.#facts = this.#marked(this.#facts);
    const now = this.#facts?.identity;
    if (now === undefined) {
      this.#before = identity;
      this.#noticed.replaced ??= replaced;
      return false;
    }
    if (this.#noticed.replaced !== null) return false;
    if (now === identity) this.#noticed.replaced = replaced;
    else this.#noticed.sawOther(identity, this.#clock.wall());
    return this.#noticed.replaced !== null;
  }

  /** `silentMs`: for how long nobody was heard of here before it was opened. */
  saw({ facts, readOnly }: { facts: ServerFacts; readOnly: boolean }, silentMs: number): Recognised {
    const last = this.#facts;
    const before = last?.identity ?? this.#before;
    const at = this.#clock.wall();
    // Whoever sees it first tells it: the health check would find nothing new any more.
    const flipped = this.#noticed.sawReadOnly(readOnly, at);
    const { identity, instance, running } = facts;
    const elsewhere = this.#whereabouts.saw(instance, this.#clock.now());
    const replaced = before !== undefined && before !== identity;
    const copied = last?.running != null && running != null && ranBeside(last.running, running, silentMs);
    const moved = last !== null && movedOn(last.instance, instance);
    // Of one name, it may be the same after all, whose clock was moved since it started anew.
    const isOther = replaced || moved || (copied && elsewhere);
    if (isOther && !replaced) this.#copied = { identity, at, beside: copied };
    this.#facts = this.#marked(facts);
    if (!replaced && !elsewhere && !copied) {
      if (this.balancing !== null) {
        this.#noticed.sawBalancing();
        return { another: null, news: false };
      }
      // Each connection says it, so that a start is seen however soon it was over.
      const started = running != null && this.#noticed.sawRunning(running);
      return { another: null, news: before !== undefined && (flipped || started) };
    }
    const [was, is] = replaced
      ? [before, identity]
      : [instanceText(last?.instance ?? {}), instanceText(instance)];
    if (replaced || moved || copied) this.#exchanges++;
    if (isOther) this.#noticed.sawOther(was, at);
    this.#noticed.sawAnotherProcess();
    if (this.balancing !== null) this.#noticed.sawBalancing();
    return { another: { was, is }, news: true };
  }

  #marked(facts: ServerFacts): ServerFacts {
    if (this.#copied?.identity !== facts.identity) return facts;
    const { at, beside } = this.#copied;
    return { ...facts, copied: { at, beside } };
  }
}
