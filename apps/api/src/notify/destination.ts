import type { Alert, Severity } from '@lockstep/checks';

/** What is told. */
export interface Message {
  /** The same for every attempt at it. */
  key: string;
  /** `test`: somebody wants to know whether messages arrive; the alert is made up. */
  event: 'firing' | 'resolved' | 'test';
  alert: Alert;
}

/**
 * Somewhere that alerts are told to. One file a kind; the courier cares for order, retries and what was told already.
 */
export interface Destination {
  name: string;
  /** Milder alerts are not told. */
  minSeverity: Severity;
  /** Resolves once the other side has accepted the message. Rejects with NotDelivered, or the signal's reason. */
  send(message: Message, signal: AbortSignal): Promise<void>;
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
