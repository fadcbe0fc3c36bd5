export type Severity = 'CRITICAL' | 'WARNING' | 'INFO';

export type AlertState = 'pending' | 'firing' | 'resolved';

export type AlertRule =
  | 'lag'
  | 'lag-unknown'
  | 'replication-stopped'
  | 'replication-broken'
  | 'replication-missing'
  | 'replication-repointed'
  | 'connection-lost'
  | 'connection-unstable'
  | 'privilege-missing'
  | 'read-only-changed'
  | 'server-replaced'
  | 'clock-wrong'
  | 'table-different'
  | 'schema-differs'
  | 'mask-unfit'
  | 'table-missing'
  | 'table-unverified'
  | 'errant-transactions'
  | 'group-member-lost'
  | 'group-degraded'
  | 'group-split'
  | 'flow-control'
  | 'check-failing'
  | 'storage-degraded'
  | 'internal-error';

/** What was wrong at one moment. */
export interface Seen {
  at: Date;
  severity: Severity;
  evidence: string;
  /** How bad, in the rule's own measure (ms of lag, rows); null where there is none. */
  size: number | null;
}

/** A condition that needs a person: one alert while it lasts, whatever the number of cycles that see it. */
export interface Alert {
  id: string;
  /** Stable: rule, pair or server, table. */
  fingerprint: string;
  rule: AlertRule;
  severity: Severity;
  state: AlertState;
  /** Null for conditions of a server. */
  pair: string | null;
  server: string | null;
  /** `schema.table`, with backticks around a part that needs them. */
  table: string | null;
  /** The same in its parts. */
  tableName: { schema: string; table: string } | null;
  /** A short title, e.g. "Replica is lagging". */
  summary: string;
  /** The evidence sentence, as of `updatedAt`. */
  evidence: string;
  /** The last evidence of the condition itself: what was wrong, when `evidence` says why it is over. */
  wasWrong?: string | null;
  /** What was wrong when it began, … */
  first?: Seen;
  /** … when it was worst, by its severity and then by the condition's own measure, … */
  worst?: Seen;
  /** … and when it last was. */
  last?: Seen;
  /** Since when its condition is over, while it waits whether that stays so; null or absent while it is not. */
  clearingSince?: Date | null;
  startedAt: Date;
  /** When it went from pending to firing. */
  firedAt: Date | null;
  updatedAt: Date;
  resolvedAt: Date | null;
  /** The condition cannot be judged at present (source of the data is gone): kept, and said. */
  noData: boolean;
  acknowledged: { by: string; at: Date; note: string } | null;
  /** Silenced until then, by itself or by silences that fit it. */
  silencedUntil: Date | null;
  /** Those silences that fit it and hold now, by id. Absent: none. */
  silencedBy?: readonly string[];
  /** While some do: until when it is silenced by itself. */
  ownSilenceUntil?: Date | null;
  /** The fingerprint of the alert that this one follows from (a dead server's); not notified on its own. */
  inhibitedBy: string | null;
}

/** Until when the alert is silenced by itself, whatever silences fit it beside. */
export function ownSilence({ silencedUntil, silencedBy, ownSilenceUntil }: Alert): Date | null {
  return silencedBy?.length ? (ownSilenceUntil ?? null) : silencedUntil;
}
