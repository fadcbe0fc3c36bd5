import type { Basis } from '../../model/basis.ts';
import type { TableCheckpoint } from '../../model/checkpoint.ts';
import type {
  CheckKind,
  CheckMethod,
  DefinitionDigests,
  SchemaDifference,
  TableResult,
  Verdict,
} from '../../model/verdict.ts';
import type { TableName } from '../../table-name.ts';
import { restoreKey, storeKey } from '../chunk/checkpoint.ts';
import { Tally } from '../chunk/tally.ts';
import type { KeyValues } from '../key/key.ts';
import type { Barrier } from '../settle/barrier.ts';
import { explainFault } from './fault-verdict.ts';
import { inKeyOrder } from './in-key-order.ts';
import { differenceSentence, type Findings, verdictOf } from './verdict.ts';

/** Whose findings these are. */
export interface FoundBy {
  pair: string;
  runId: string;
  check: CheckKind;
  method: CheckMethod;
  barrier: Barrier;
}

/** Verdicts that say that the sides are not the same. */
const differs = new Set<Verdict>(['DIFFERENT', 'SCHEMA_DIFFERS', 'MISSING']);

/** What one attempt at a table has found so far, and the result that it makes. */
export class TableFindings {
  tally = new Tally();
  /** The tally's numbers are those of whole tables. */
  exact = false;
  schemaDifferences: SchemaDifference[] = [];
  /** The source's, when the rows began to be compared. */
  position: string | null = null;
  basis: Basis | null = null;
  definedAs: DefinitionDigests | null = null;
  /** Why rows that differ are not proved to; null where they are. */
  unproved: string | null = null;
  /** Masks that were written for this table and fit no column of it. */
  unfitMasks: string[] = [];
  /** The replication filter that explains why the table is on the source only. */
  excludedBy: string | null = null;
  /** What else has to be said of a verdict. */
  readonly notes: string[] = [];
  readonly #name: TableName;
  readonly #by: FoundBy;
  #startedAt: Date;

  constructor(name: TableName, by: FoundBy, startedAt: Date) {
    this.#name = name;
    this.#by = by;
    this.#startedAt = startedAt;
  }

  /** What was found holds no more, and nor do the numbers of rows. */
  drop(): void {
    this.tally = new Tally();
    this.exact = false;
  }

  /** Goes on where an earlier process was cut off; answers the key that it had come to. */
  takeUp(checkpoint: TableCheckpoint): KeyValues {
    this.tally = Tally.from(checkpoint.tally);
    this.#startedAt = new Date(checkpoint.startedAt);
    this.position = checkpoint.position;
    return restoreKey(checkpoint.upTo);
  }

  checkpoint(signature: string, upTo: KeyValues): TableCheckpoint {
    return {
      ...this.#name,
      startedAt: this.#startedAt.toISOString(),
      madeAt: new Date().toISOString(),
      position: this.position,
      signature,
      upTo: storeKey(upTo),
      tally: this.tally.toRecord(),
    };
  }

  judged(comparing: Findings['comparing']): TableResult {
    if (this.unproved !== null && this.tally.different) {
      const found = differenceSentence(this.tally.differences);
      this.drop();
      this.tally.reasons.add(`${found}, or still on the way: ${this.unproved}`);
    }
    const { differences, undecided, rowsCompared, note } = this.tally;
    const cut = this.tally.different && this.tally.shown.cut;
    const { verdict, reason } = verdictOf({
      differences,
      schemaDifferences: this.schemaDifferences,
      undecided,
      rowsCompared,
      comparing,
      notes: [
        ...this.notes,
        ...(note === null ? [] : [note]),
        ...(cut ? ['of rows in which much differs only some values are shown'] : []),
      ],
    });
    return this.result(verdict, reason);
  }

  /** Something went wrong; what was confirmed before stands all the same. */
  failed(error: unknown): TableResult {
    const { verdict, reason } = explainFault(error, this.#name);
    if (!this.tally.different) return this.result(verdict, reason);
    this.exact = false;
    this.tally.reasons.add(reason);
    return this.judged('rows');
  }

  result(verdict: Verdict, reason: string): TableResult {
    const { pair, runId, check, method, barrier } = this.#by;
    if (barrier.unproved !== null && differs.has(verdict)) {
      // What is on its way must be in no list that somebody would repair by.
      this.drop();
      this.schemaDifferences = [];
      return this.result('UNVERIFIED', `${reason}, or still on the way: ${barrier.unproved}`);
    }
    const filter = differs.has(verdict) ? barrier.leavesOut(this.#name) : null;
    const bringing = filter !== null && barrier.mayBring?.(this.#name);
    if (bringing) {
      this.drop();
      this.schemaDifferences = [];
      return this.result(
        'UNVERIFIED',
        `${reason}, or still on the way: the pair's channel leaves it out (${filter}), and the channel "${bringing}" may bring it`,
      );
    }
    const excludedBy = filter ?? this.excludedBy;
    const { rowsCompared, targetRows, chunks, differences, rows } = this.tally;
    return {
      pair,
      check,
      schema: this.#name.schema,
      table: this.#name.table,
      verdict,
      reason: filter === null ? reason : `${reason}; the target leaves it out: ${filter}`,
      method,
      runId,
      startedAt: this.#startedAt,
      finishedAt: new Date(),
      rowsCompared,
      sourceRows: this.exact ? rowsCompared : null,
      targetRows: this.exact ? targetRows : null,
      chunks,
      position: this.position,
      ...(this.basis && { basis: this.basis }),
      ...(this.definedAs && { definedAs: this.definedAs }),
      differences,
      schemaDifferences: this.schemaDifferences,
      ...(excludedBy !== null && { excludedBy }),
      ...(this.unfitMasks.length > 0 && { unfitMasks: this.unfitMasks }),
      rows: inKeyOrder(rows),
    };
  }
}
