import type { MessagePort } from 'node:worker_threads';
import type { StorageConfig } from '../../config.ts';
import type { StorageHealth } from '../storage.ts';
import type { SentError } from './across.ts';

/** What the history's thread begins with. */
export interface Beginning {
  config: StorageConfig;
  bufferRows: number | undefined;
  /**
   * How many messages are done with: who waits for an answer waits for it to change. Then by what the system knows the
   * thread, and how often it said how it is.
   */
  done: Int32Array<SharedArrayBuffer>;
  /** Answers go here, each before its message counts as done. */
  answers: MessagePort;
  /** What it says without having been asked. */
  news: MessagePort;
}

/** To the thread, in order. Without an `id` nobody waits for what comes of it. */
export interface Message {
  id: number | null;
  method: string;
  args: unknown[];
}

export interface Answer {
  id: number;
  /** Processor time that it took, in ms. */
  tookMs: number;
  value?: unknown;
  error?: SentError;
}

/** What the thread says without having been asked. */
export type News =
  | { kind: 'opened'; health: StorageHealth }
  /** Another's file, or one that must not be touched: the thread has ended. */
  | { kind: 'refused'; error: SentError }
  | { kind: 'reopened' }
  /** Once a second: whoever wants to know how it is waits for nothing. */
  | { kind: 'health'; health: StorageHealth }
  | { kind: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; fields: object; message: string };
