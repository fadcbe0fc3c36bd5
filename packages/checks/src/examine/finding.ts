/** `good`: as it should be. `bad`: Lockstep, or replication, cannot do its work. `doubt`: unknown, or worth a look. */
export type Mark = 'good' | 'bad' | 'doubt';

/** What was asked of a server or a pair, and what came of it. */
export interface Finding {
  /** e.g. `TLS`. */
  topic: string;
  mark: Mark;
  /** One sentence. */
  evidence: string;
  /** What to do about it: a sentence, or a statement ready to run; null where there is nothing to do. */
  mend: string | null;
}

export const good = (topic: string, evidence: string): Finding => ({
  topic,
  mark: 'good',
  evidence,
  mend: null,
});

export const bad = (topic: string, evidence: string, mend: string | null): Finding => ({
  topic,
  mark: 'bad',
  evidence,
  mend,
});

export const doubt = (topic: string, evidence: string, mend: string | null): Finding => ({
  topic,
  mark: 'doubt',
  evidence,
  mend,
});
