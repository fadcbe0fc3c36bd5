import {
  type AuditEntry,
  beginOf,
  EngineRequestError,
  type Logger,
  type MetricsStorage,
} from '@lockstep/checks';
import { v7 as uuid } from 'uuid';
import { networkOf } from './http/guard/client.ts';
import { printable } from './printable.ts';

export type Who = Pick<AuditEntry, 'who' | 'role' | 'way' | 'address'>;
export type Act = Pick<AuditEntry, 'action' | 'subject'>;
export type Outcome = Pick<AuditEntry, 'outcome' | 'message'>;
export type Deed = Who & Act & Outcome;

type AuditStore = Pick<MetricsStorage, 'recordAudit' | 'audit' | 'auditedPeople'>;

const longestText = 500;
/** For so long what is refused again, or signed in or out again, counts as one entry … */
const togetherMs = 10 * 60_000;
/** … and so many that differ are told apart: of what is refused to people who are known, and to those who are not … */
const mostApart = { known: 100, strangers: 20 };
/** … and of one person's sign-ins and sign-outs. */
const mostVisitsApart = 20;

/**
 * Who did what, for whoever asks later: stored, and logged. Recording never throws and never waits: a store that does
 * not work costs the entry, not the deed. What anybody can do who may change nothing, be refused or sign in, is counted
 * together, so that nobody can push out what others did by doing it often.
 */
export class Audit {
  readonly #store: AuditStore;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #together = new Map<string, AuditEntry>();

  constructor({ store, log, now = Date.now }: { store: AuditStore; log: Logger; now?: () => number }) {
    this.#store = store;
    this.#log = log;
    this.#now = now;
  }

  record(deed: Deed): void {
    const entry: AuditEntry = {
      ...deed,
      id: uuid(),
      at: new Date(this.#now()),
      subject: fit(deed.subject),
      message: deed.message === null ? null : fit(deed.message),
      times: 1,
    };
    if (entry.outcome === 'refused') this.#refuse(entry);
    else if (entry.action === 'signIn' || entry.action === 'signOut') this.#visit(entry);
    else this.#keep(entry);
  }

  page(...asked: Parameters<AuditStore['audit']>): ReturnType<AuditStore['audit']> {
    return this.#store.audit(...asked);
  }

  people(): string[] {
    return this.#store.auditedPeople();
  }

  #refuse(entry: AuditEntry): void {
    const kind = entry.who === null ? 'strangers' : 'known';
    const many: AuditEntry = {
      ...entry,
      who: null,
      role: null,
      way: 'none',
      address: null,
      subject: '',
      message: manyElse,
    };
    this.#count(entry, [kind], mostApart[kind], many);
  }

  /** The person is told whatever they do; from where, of so many places. */
  #visit(entry: AuditEntry): void {
    this.#count(entry, ['visits', entry.who, entry.action], mostVisitsApart, { ...entry, address: null });
  }

  /** Of a kind, so many are told apart; what more there is counts as `many`. */
  #count(entry: AuditEntry, kind: (string | null)[], most: number, many: AuditEntry): void {
    for (const [key, { at }] of this.#together) {
      // What lies further ahead was before the clock was set back.
      if (Math.abs(entry.at.getTime() - at.getTime()) >= togetherMs) this.#together.delete(key);
    }
    const network = entry.address === null ? null : networkOf(entry.address);
    const { who, way, action, message } = entry;
    const all = JSON.stringify(kind);
    const own = JSON.stringify([...kind, who, way, network, action, message]);
    const ofKind = `${all.slice(0, -1)},`;
    const apart = () => [...this.#together.keys()].filter((key) => key.startsWith(ofKind)).length;
    const [key, kept] = this.#together.has(own) || apart() < most ? [own, entry] : [all, many];
    const before = this.#together.get(key);
    if (before) {
      before.times++;
      this.#store.recordAudit(before);
      return;
    }
    this.#together.set(key, kept);
    this.#keep(kept);
  }

  #keep(entry: AuditEntry): void {
    this.#store.recordAudit(entry);
    const { who, role, way, address, action, subject, outcome, message } = entry;
    // Whoever refuses warns of it where that is something to be warned of.
    this.#log.info(
      { audit: { who, role, way, address, action, subject, outcome, message } },
      `${who ?? 'somebody'}: ${action}${subject && ` ${subject}`}, ${outcome}`,
    );
  }
}

const manyElse = 'Many more were refused than are told apart.';

export function refusedSignIn(address: string | null, message: string): Deed {
  return {
    who: null,
    role: null,
    way: 'none',
    address,
    action: 'signIn',
    subject: '',
    outcome: 'refused',
    message,
  };
}

/** Of what was thrown. What nobody expected may quote anything: it is in the log alone. */
export function outcomeOf(error: unknown): Outcome {
  return error instanceof EngineRequestError
    ? { outcome: 'refused', message: error.message }
    : { outcome: 'failed', message: null };
}

/** Part of it is what somebody sent. */
function fit(text: string): string {
  const shown = printable(text);
  return shown.length <= longestText ? shown : `${beginOf(shown, longestText - 1)}…`;
}
