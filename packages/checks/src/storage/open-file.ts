import { Alerts } from './alerts.ts';
import { Audit } from './audit.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Database } from './database.ts';
import { Deliveries } from './deliveries.ts';
import { Events } from './events.ts';
import { FilesOnDisk } from './files-on-disk.ts';
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
  /** Null in memory. */
  readonly #onDisk: FilesOnDisk | null;
  #closed = false;

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
    this.#onDisk = db.file === ':memory:' ? null : new FilesOnDisk(db.file);
  }

  /** What does not work, in a sentence; null when all is well. */
  get trouble(): string | null {
    // SQLite takes the log away where it has closed the file.
    const meddled = this.#closed ? null : this.#onDisk?.meddled;
    return meddled ?? this.writer.trouble ?? this.db.unreadable;
  }

  /** Null where there is no file, or none that can be seen any more. */
  get bytes(): number | null {
    return this.#onDisk?.bytes ?? null;
  }

  close(): void {
    this.writer.close();
    this.#closed = true;
    this.db.close();
    this.#unlock();
  }
}
