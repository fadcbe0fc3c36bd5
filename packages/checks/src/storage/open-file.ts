import { statSync } from 'node:fs';
import { Alerts } from './alerts.ts';
import { Audit } from './audit.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Database } from './database.ts';
import { Deliveries } from './deliveries.ts';
import { Events } from './events.ts';
import { KnownServers } from './known-servers.ts';
import { Lags } from './lags.ts';
import { Pauses } from './pauses.ts';
import { Results } from './results.ts';
import { Runs } from './runs.ts';
import { Sessions } from './sessions.ts';
import { Silences } from './silences.ts';
import { Writer, type WriterOptions } from './writer.ts';

/** A database of this program's schema, with the buffer before it and all that is kept in it. */
export class OpenFile {
  readonly db: Database;
  readonly writer: Writer;
  readonly lags: Lags;
  readonly events: Events;
  readonly runs: Runs;
  readonly results: Results;
  readonly alerts: Alerts;
  readonly deliveries: Deliveries;
  readonly pauses: Pauses;
  readonly silences: Silences;
  readonly checkpoints: Checkpoints;
  readonly knownServers: KnownServers;
  readonly sessions: Sessions;
  readonly audit: Audit;
  readonly #unlock: () => void;
  readonly #inode: number | null;

  /** `unlock` lets go of the file; it is called once closed. */
  constructor(db: Database, options: WriterOptions, unlock: () => void) {
    this.db = db;
    this.#unlock = unlock;
    this.writer = new Writer(db, options);
    this.lags = new Lags(db);
    this.events = new Events(db);
    this.runs = new Runs(db);
    this.results = new Results(db);
    this.alerts = new Alerts(db);
    this.deliveries = new Deliveries(db);
    this.pauses = new Pauses(db);
    this.silences = new Silences(db);
    this.checkpoints = new Checkpoints(db);
    this.knownServers = new KnownServers(db);
    this.sessions = new Sessions(db);
    this.audit = new Audit(db);
    this.#inode = this.#onDisk()?.inode ?? null;
  }

  /** What does not work, in a sentence; null when all is well. */
  get trouble(): string | null {
    return this.#inode !== null && this.#onDisk()?.inode !== this.#inode
      ? 'the file was removed or replaced by another while Lockstep used it; restart Lockstep to begin a new one'
      : (this.writer.trouble ?? this.db.unreadable);
  }

  /** Null where there is no file, or none that can be seen any more. */
  get bytes(): number | null {
    return this.#onDisk()?.bytes ?? null;
  }

  close(): void {
    this.writer.close();
    this.db.close();
    this.#unlock();
  }

  #onDisk(): { inode: number; bytes: number } | null {
    try {
      const main = statSync(this.db.file);
      const wal = statSync(`${this.db.file}-wal`, { throwIfNoEntry: false });
      return { inode: main.ino, bytes: main.size + (wal?.size ?? 0) };
    } catch {
      return null;
    }
  }
}
