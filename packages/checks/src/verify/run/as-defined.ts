import { retryConnection } from '../../server/retry-connection.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import type { TableBarrier } from '../settle/barrier.ts';
import { blindWaits } from '../settle/blind-waits.ts';
import { whyUnproved } from '../settle/prove.ts';
import { sandwich } from '../settle/sandwich.ts';
import { steadyDefinitions } from '../settle/steady-definitions.ts';
import type { TableDefinition } from '../table/definition.ts';
import { type DefinitionReader, type Definitions, sameDefinitions } from '../table/definitions.ts';
import { hiddenColumns, readOtherwise, takesOverKeys } from '../table/hidden-columns.ts';
import { Undecidable } from '../undecidable.ts';
import type { Place } from './table-pool.ts';

export interface AsDefinedOptions {
  source: SqlServer;
  target: SqlServer;
  barrier: TableBarrier;
  reader: DefinitionReader;
  place: Place;
  /** How long a lost server is waited for. */
  waitMs: number;
  /** Between two looks. */
  pauseMs: () => number;
  signal: AbortSignal;
}

/** Why a side may have columns that it does not show; absent where it shows all. */
export type Hides = { source?: string; target?: string };
export const showsAll: Hides = {};

/** As what one attempt reads its two tables, and whether they are that still. */
export class AsDefined {
  readonly #name: TableName;
  readonly #options: AsDefinedOptions;
  #first: Definitions | null = null;
  /** There are columns that were not there, or not shown, when the definitions were read. */
  seesOtherwise = false;
  /** On either side a foreign key takes over a new key of what it refers to; as far as that was seen. */
  cascades = false;

  constructor(name: TableName, options: AsDefinedOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** What the attempt goes by; null before it is read. */
  get definitions(): Definitions | null {
    return this.#first;
  }

  async read(): Promise<Definitions> {
    return (this.#first = await this.#read());
  }

  async isStillSo(waitMs?: number): Promise<boolean> {
    return !this.#first || sameDefinitions(this.#first, await this.#read(waitMs));
  }

  /** Whether an alteration explains a failure; what cannot be told now does not. */
  async wasAltered(): Promise<boolean> {
    // A server that is lost was waited for already.
    return this.isStillSo(0).then(
      (same) => !same,
      () => false,
    );
  }

  /**
   * What the sides are is looked at once more, this time when the target had what the source was, and the source showed
   * what the target had: until then a definition that differs may be on its way. True when both are as they were, and a
   * closer look proves it. Rejects with Undecidable where none does.
   */
  async staysSo(definitions: Definitions): Promise<boolean> {
    const { place } = this.#options;
    place.leave();
    const stays = await this.#shows(definitions);
    await place.back();
    return stays;
  }

  /** Null when the definition is not what was read. */
  async hiddenColumns(onSource: TableDefinition, onTarget: TableDefinition): Promise<Hides | null> {
    const { source, target, signal } = this.#options;
    const onShown = (createTable: string) => {
      this.cascades ||= takesOverKeys(createTable);
    };
    const ask = async (): Promise<Hides | null> => {
      const [ofSource, ofTarget] = await Promise.all([
        hiddenColumns(onSource, source, signal, onShown),
        hiddenColumns(onTarget, target, signal, onShown),
      ]);
      if (ofSource === readOtherwise || ofTarget === readOtherwise) {
        this.seesOtherwise = true;
        return null;
      }
      return {
        ...(ofSource !== null && { source: ofSource }),
        ...(ofTarget !== null && { target: ofTarget }),
      };
    };
    const first = await ask();
    if (!first) return null;
    if (!first.source && !first.target) return showsAll;
    // A column that is added just now looks hidden to whoever read the others before.
    if (!(await this.isStillSo())) return null;
    const again = await ask();
    return (
      again && {
        ...(first.source && again.source && { source: first.source }),
        ...(first.target && again.target && { target: first.target }),
      }
    );
  }

  async #shows(definitions: Definitions): Promise<boolean> {
    const { barrier, reader, source, target, waitMs, pauseMs, signal } = this.#options;
    const read = () => this.#read();
    const waits = blindWaits(barrier);
    const look = await sandwich(waits.barrier, read, read, signal);
    const same =
      definitions.source?.fingerprint === look.before.source?.fingerprint &&
      definitions.source?.fingerprint === look.after.source?.fingerprint &&
      definitions.target?.fingerprint === look.target.target?.fingerprint;
    // What is left out never comes.
    if (!same || barrier.leavesOut(this.#name) !== null) return same;
    const because = waits.blind();
    if (because !== null && barrier.unproved !== null) {
      barrier.keepUnproved(because);
      return same;
    }
    // Where nothing replicates it has stayed the same for as long as it had to.
    if (look.position === null && because === null) return same;
    const proved = await retryConnection(
      () => steadyDefinitions(this.#name, definitions, reader, { barrier, signal, pauseMs }),
      [source, target],
      waitMs,
      signal,
    );
    if (proved.unproved.length > 0) throw new Undecidable(whyUnproved(source.name, proved));
    return proved.different.length > 0;
  }

  #read(waitMs = this.#options.waitMs): Promise<Definitions> {
    return this.#options.reader.read(this.#name, waitMs);
  }
}
