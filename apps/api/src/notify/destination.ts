import type { Alert, Severity } from '@lockstep/checks';
import type { Grouping } from './grouping.ts';
import type { Route } from './route.ts';

/** What the alerts of a message have in common. */
export interface Group {
  /** Stable over restarts: 32 hexadecimal digits. */
  key: string;
  /** By the words of `groupBy`. */
  labels: Readonly<Record<string, string>>;
  /** How many alerts of the group were told and are not over. */
  firing: number;
}

/** What is told. */
export interface Message {
  /** The same for every attempt at it. */
  key: string;
  /**
   * Of several alerts `resolved` when all of them are over. `test`: somebody wants to know whether messages arrive;
   * `watchdog`: Lockstep is at work. The alert of these two is made up.
   */
  event: 'firing' | 'resolved' | 'test' | 'watchdog';
  /** The worst of `alerts`. */
  alert: Alert;
  /** All that it tells of, what fires first, then by severity. */
  alerts: readonly Alert[];
  /** Null when every alert is told on its own. */
  group: Group | null;
  /** Under which severities an alert (by its id) was told earlier. */
  earlier: ReadonlyMap<string, readonly Severity[]>;
  /** The page that shows it; null when `http.publicUrl` is not configured. */
  link: string | null;
}

/**
 * Somewhere that alerts are told to. One file a kind; the courier cares for order, retries and what was told already.
 */
export interface Destination {
  name: string;
  /** Milder alerts are not told. */
  minSeverity: Severity;
  /** An alert is told when it fits one of them; without them, every alert. */
  routes?: readonly Route[];
  /** Without it every alert is told on its own, and at once. */
  grouping?: Grouping;
  /** How often it is told that Lockstep is at work. */
  watchdogMs?: number;
  /** It takes what it is not told again for over: nobody's acknowledgement ends the repetitions. */
  forgets?: true;
  /**
   * Resolves once the other side has accepted the message, with a sentence about what it would not take of it. Rejects
   * with NotDelivered, or the signal's reason.
   */
  send(message: Message, signal: AbortSignal): Promise<string | undefined | void>;
}

/** The message did not arrive. The text names no address: with many services the address is the secret. */
export class NotDelivered extends Error {
  /** The message itself was refused: it would be again. */
  readonly final: boolean;
  /** How long the other side wants to be left alone; null when it does not say. */
  readonly retryAfterMs: number | null;
  constructor(message: string, { final = false, retryAfterMs = null as number | null } = {}) {
    super(message);
    this.name = 'NotDelivered';
    this.final = final;
    this.retryAfterMs = retryAfterMs;
  }
}
