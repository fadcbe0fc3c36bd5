/** Which alerts are meant: those that fit everything that is said here. In patterns, `*` and `?` stand for others. */
export interface AlertMatcher {
  /** A pattern of pairs' names; alerts of servers alone do not fit. */
  pair?: string;
  /** A pattern of rules' names. */
  rule?: string;
  /** A pattern of servers' names: alerts of the server, and of every pair that it is a side of. */
  server?: string;
  /** A `schema.table` pattern. */
  table?: string;
  /** Labels, all of which the pair has; of a server, all its pairs. */
  labels?: Readonly<Record<string, string>>;
}

/** When it comes again and again. */
export interface Recurrence {
  /** Of five fields: when each time begins. */
  cron: string;
  /** IANA, e.g. `Europe/Berlin`; null: the process's own. */
  timeZone: string | null;
  durationMs: number;
}

/** Nobody is notified of alerts that fit, for a time or again and again. The alerts stay visible. */
export interface Silence {
  id: string;
  matcher: AlertMatcher;
  /** Why, in a person's words. */
  note: string;
  /** Who made it; null where the configuration did. */
  by: string | null;
  createdAt: Date;
  /** It holds from then on … */
  from: Date;
  /** … until then; null: for ever, again and again. */
  until: Date | null;
  /** Null: all the time between the two. */
  recurrence: Recurrence | null;
  /** A person ended it; it can be given back. */
  endedAt: Date | null;
  endedBy: string | null;
  /** What had begun then goes on no more: the time that a person ended of one that comes again. */
  skippedUntil: Date | null;
}

/** What a person asks for. */
export interface NewSilence {
  matcher: AlertMatcher;
  /** Null: now. */
  from: Date | null;
  until: Date | null;
  recurrence: Recurrence | null;
  note: string;
}

/** A silence as it stands now. */
export interface SilenceState extends Silence {
  state: 'scheduled' | 'active' | 'ended';
  /** When the time that runs now is over; null while none does. */
  activeUntil: Date | null;
  /** When the next one begins; null where that is not to come, or one runs. */
  nextFrom: Date | null;
}

/** What a silence would hit. */
export interface SilencePreview {
  /** Open alerts that fit. */
  now: number;
  /** Some of them. */
  examples: {
    id: string;
    summary: string;
    pair: string | null;
    server: string | null;
    table: string | null;
  }[];
  /** Alerts that fired and began within the last week, open ones among them. */
  lastWeek: number;
  /** False where there were more alerts in that week than were looked through. */
  complete: boolean;
}
