import type { VerifyConfig } from '../../config.ts';
import type { TableCheckpoint } from '../../model/checkpoint.ts';
import type { CheckKind, CheckMethod, TableResult } from '../../model/verdict.ts';
import { unloggedBy } from '../../position/unlogged-by.ts';
import { oneServer } from '../../server/one-server.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { signatureOf } from '../chunk/checkpoint.ts';
import { wholeTable } from '../chunk/chunk.ts';
import { chooseKey, whyNoKey } from '../key/choose-key.ts';
import type { Key, KeyValues } from '../key/key.ts';
import { nativeNote } from '../row/native.ts';
import { type RowExpression, rowExpression, whyIncomparable } from '../row/row-expression.ts';
import type { Barrier, TableBarrier } from '../settle/barrier.ts';
import type { SettleOptions } from '../settle/options.ts';
import { rememberUnproved } from '../settle/remember-unproved.ts';
import { untilLetGo } from '../settle/until-let-go.ts';
import { shownFromElsewhere, type TableDefinition } from '../table/definition.ts';
import type { DefinitionReader, Definitions } from '../table/definitions.ts';
import { explainAbsence } from '../table/one-sided.ts';
import { compareSchemas, releaseOf, type SchemaComparison } from '../table/schema-compare.ts';
import { Undecidable } from '../undecidable.ts';
import { AsDefined, showsAll } from './as-defined.ts';
import { definitionDigests, sidesOf, tableSettings } from './basis.ts';
import { type ColdMatch, type ColdTables, readWriteStamp, type WriteStamp } from './cold-tables.ts';
import { compareContent } from './content-comparison.ts';
import { goesOnToDiffer, type Sent } from './goes-on-to-differ.ts';
import { masksOf, tellableFault, unfitMasks } from './masks.ts';
import type { Renames } from './renames.ts';
import type { RunControl } from './run-control.ts';
import type { RulingOverride } from './selection.ts';
import { whyShownBeforeSent } from './shown-before-sent.ts';
import { TableFindings } from './table-findings.ts';
import type { Place } from './table-pool.ts';
import { tableSides } from './table-sides.ts';
import type { Turns } from './turns.ts';

export interface TableCheckOptions {
  /** Somebody asked for this very table: that it is on neither side is then a result. */
  named: boolean;
  /** Why it cannot be told which table of the other side is this one's; null or absent when it can. */
  collision?: string | null;
  pair: string;
  runId: string;
  check: CheckKind;
  method: CheckMethod;
  source: SqlServer;
  target: SqlServer;
  barrier: Barrier;
  definitions: DefinitionReader;
  /** Of the source, and of the target; absent where names do not change. */
  renames?: readonly Renames[];
  turns: Turns;
  place: Place;
  verify: VerifyConfig;
  override: RulingOverride;
  control: RunControl;
  /** Null: every table is compared. */
  cold: ColdTables | null;
  /** Where an earlier process was cut off in this table. */
  resume: TableCheckpoint | null;
  /** Called after every chunk. */
  onChunk: (rows: number) => void;
  /** Called with the fault that ended the examination before its end. */
  onFault: (error: unknown) => void;
  /** Called whenever there is more that need not be done again. */
  onCheckpoint: (checkpoint: () => TableCheckpoint) => void;
  /** As what the two tables were read when they began to be examined; again at each attempt. */
  onDefinitions: (definitions: Definitions) => void;
}

/** A definition that changes under the run voids what was found; a table that is altered all the time is given up. */
const attempts = 3;
/** Rows whose JSON has to be read, not only hashed, are in memory all at once. */
const maxDocumentRows = 2000;

/**
 * Examines one table of a pair. Never rejects for what is wrong with the table or the servers: that is its result. Null
 * for a table that nobody asked for by its name and that is, by the word of both servers, not there any more.
 */
export async function checkTable(name: TableName, asked: TableCheckOptions): Promise<TableResult | null> {
  const startedAt = new Date();
  const options = { ...asked, barrier: rememberUnproved(asked.barrier) };
  const { collision = null } = options;
  if (collision !== null) return new TableFindings(name, options, startedAt).result('UNVERIFIED', collision);
  let what = changed;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const check = new TableCheck(name, options, startedAt, attempt === 1 ? options.resume : null);
    try {
      const result = await check.run();
      if (result === gone) return null;
      if (result) return result;
      what = check.mayBeAnother ? mayBeOthers : check.defined.seesOtherwise ? seenOtherwise : changed;
    } catch (error) {
      options.control.signal.throwIfAborted();
      // A table altered or dropped in the middle fails in many ways; what it is now says more than the error.
      if (await check.defined.wasAltered()) continue;
      const told = tellableFault(error, options.override);
      options.onFault(told);
      return check.findings.failed(told);
    }
  }
  const nothing = new TableFindings(name, options, startedAt);
  return nothing.result('UNVERIFIED', `${what} during each of ${attempts} attempts`);
}

const changed = 'its definition changed';
const mayBeOthers =
  'what has its name may be another table that was made in the same second, for names or definitions of tables changed';

const seenOtherwise = `some connections saw columns of it that others did not (were Lockstep's rights changed?)`;

/** On neither side, and nobody named it. */
const gone = Symbol('gone');

/** One table's options, with what is remembered of it. */
type OfTable = TableCheckOptions & { barrier: TableBarrier };

/** One attempt. */
class TableCheck {
  readonly #name: TableName;
  readonly #options: OfTable;
  readonly #resume: TableCheckpoint | null;
  readonly findings: TableFindings;
  readonly defined: AsDefined;
  /** Its definition would not tell, and names changed. */
  mayBeAnother = false;

  constructor(name: TableName, options: OfTable, startedAt: Date, resume: TableCheckpoint | null) {
    this.#name = name;
    this.#options = options;
    this.#resume = resume;
    this.findings = new TableFindings(name, options, startedAt);
    const { waitMs } = options.verify;
    const { signal } = options.control;
    this.defined = new AsDefined(name, { ...options, reader: options.definitions, waitMs, pauseMs, signal });
  }

  /** Null when the definition changed meanwhile. */
  async run(): Promise<TableResult | typeof gone | null> {
    const { source, target, barrier, control, override, check, verify, renames = [] } = this.#options;
    this.#mustBeTwo();
    const exchanges = this.#exchanges();
    if (barrier.sameStorage) this.findings.notes.push(barrier.sameStorage);
    const definitions = await this.defined.read();
    this.findings.definedAs = definitionDigests(definitions);
    this.#options.onDefinitions(definitions);
    if (definitions.source?.versioned || definitions.target?.versioned) {
      this.findings.notes.push(
        'of a system-versioned table the present rows are compared, not their history',
      );
    }
    const elsewhere = shownFromElsewhere(definitions.source, definitions.target);
    if (elsewhere !== null) {
      const what = `a table of ${elsewhere} keeps no rows of its own, but shows what is elsewhere`;
      this.findings.notes.push(`${what}: on both sides maybe the same`);
    }
    const identities = this.#identities();
    const sides = sidesOf(source, target);
    this.findings.basis = sides && { ...sides, settings: tableSettings(override) };
    if (!definitions.source || !definitions.target) return await this.#missing(definitions);

    const { masked, unfit } = masksOf(override, definitions);
    this.findings.unfitMasks = unfit;
    if (unfit.length > 0) this.findings.notes.push(`${unfitMasks(unfit)}, so none of its values are shown`);
    const shown = this.#compareSchemas(definitions.source, definitions.target);
    const differs = shown.differences.length > 0;
    // Counting rows reads no column; but what a side does not show looks as if it were not there.
    const [hides, early] = await Promise.all([
      check === 'consistency' && !differs
        ? showsAll
        : this.defined.hiddenColumns(definitions.source, definitions.target),
      differs ? null : barrier.sourcePosition(control.signal),
    ]);
    if (hides === null) return null;
    const schema = differs ? this.#compareSchemas(definitions.source, definitions.target, hides) : shown;
    if (schema.differences.length > 0 && !(await this.defined.staysSo(definitions))) return null;
    this.findings.schemaDifferences = schema.differences;
    if (schema.unknown.length > 0) this.findings.notes.push(unlikeExpressions(schema.unknown));
    const doubted = barrier.unproved !== null;
    const position = differs ? await barrier.sourcePosition(control.signal) : early;
    this.findings.position = position?.text ?? null;
    // Positions may tell again when something is found.
    if (this.findings.position !== null || doubted) {
      const { engine } = definitions.source;
      this.findings.unproved = await whyShownBeforeSent(engine, source, { signal: control.signal });
    }

    const key = chooseKey(definitions.source, definitions.target, override.ignoreColumns);
    const row = check === 'consistency' ? null : rowExpression(schema.common);
    const sought = row ?? (override.where === null ? null : rowExpression(schema.common));
    const both = [definitions.source, definitions.target];
    const named = await Promise.all(renames.map((each, i) => each.before(both[i]!)));
    const signature = signatureOf([
      definitions.source.fingerprint,
      definitions.target.fingerprint,
      identities,
      key?.columns.map(({ reads }) => reads),
      row && [row.source, row.target],
      override.where,
    ]);
    const stamps = await this.#writeStamps();
    const held = stamps && this.#options.cold?.stillHolds(check, this.#name, signature, stamps);
    if (held) {
      this.findings.tally.rowsCompared = held.rows;
      return this.findings.result('MATCH', unchangedSince(held));
    }

    await this.#noteNative(definitions.source);
    const from = this.#takeUp(signature);
    let looks = from === null ? 0 : 1;
    await compareContent({
      key,
      whyNoKey: key ? '' : whyNoKey(definitions.source, definitions.target, override.ignoreColumns),
      row,
      sides: schema.common,
      settle: this.#settleOptions(key, row, sought),
      verify: { ...verify, maxChunkRows: row && hasDocuments(row) ? maxDocumentRows : verify.maxChunkRows },
      control,
      rowsEstimated: definitions.source.rowsEstimated,
      rowBytes: row ? definitions.source.rowBytes : 1,
      masked,
      tally: this.findings.tally,
      from,
      // Kept on disk with the key that was reached.
      onFrontier: (upTo) => {
        if (key?.columns.some(({ name }) => masked(name)) || exchanges !== this.#exchanges()) return;
        // Whoever goes on from there would take for proved what is not.
        if (barrier.unproved !== null && this.findings.tally.different) return;
        this.#options.onCheckpoint(() => this.findings.checkpoint(signature, upTo));
      },
      onChunk: this.#options.onChunk,
      onLook: () => looks++,
      turns: this.#options.turns,
      onWaiting: () => this.#options.place.leave(),
    });
    if (row === null && this.findings.tally.apart > 0) {
      for (const reason of whyIncomparable(sought)) this.findings.tally.reasons.add(reason);
    }
    this.findings.exact = this.findings.tally.undecided.length === 0 && !this.#countsOtherwise();
    for (const reason of Object.values(hides)) this.findings.tally.reasons.add(reason);

    this.#mustBeTwo();
    if (!(await this.defined.isStillSo())) return null;
    // Each may lead by now to where it led before, and have led elsewhere in between.
    if (identities !== this.#identities() || exchanges !== this.#exchanges()) {
      this.findings.drop();
      throw new Undecidable('one of the servers was exchanged for another during the run');
    }
    const result = this.findings.judged(check === 'consistency' ? 'count' : 'rows');
    if (result.verdict === 'MATCH' && looks > 1) {
      const taken = renames.map(async (each, i) => {
        const known = named[i] ?? null;
        return known !== null && (await each.since(both[i]!, known, from !== null));
      });
      this.mayBeAnother = (await Promise.all(taken)).includes(true);
      if (this.mayBeAnother) return null;
    }
    if (result.verdict === 'MATCH' && stamps) {
      const { rowsCompared: rows, finishedAt: comparedAt } = result;
      this.#options.cold?.remember(check, this.#name, { ...stamps, signature, comparedAt, rows });
    } else this.#options.cold?.forget(check, this.#name);
    return result;
  }

  #mustBeTwo(): void {
    const one = oneServer(this.#options.source, this.#options.target);
    if (one === null) return;
    this.findings.drop();
    throw new Undecidable(one);
  }

  #compareSchemas(source: TableDefinition, target: TableDefinition, hides = showsAll): SchemaComparison {
    const { override } = this.#options;
    const releases = { source: releaseOf(this.#options.source), target: releaseOf(this.#options.target) };
    return compareSchemas(source, target, releases, override.ignoreColumns, {
      source: hides.source !== undefined,
      target: hides.target !== undefined,
    });
  }

  /**
   * When both sides were last written, before anything of this attempt is compared; null when it is not known, or says
   * too little: which rows fit a condition, the time may decide, or another table.
   */
  async #writeStamps(): Promise<{ source: WriteStamp; target: WriteStamp } | null> {
    const { cold, source, target, control, override } = this.#options;
    if (!cold?.enabled || this.findings.schemaDifferences.length > 0 || override.where !== null) return null;
    const stamp = (server: SqlServer) => readWriteStamp(server, this.#name, { signal: control.signal });
    const [s, t] = await Promise.all([stamp(source), stamp(target)]);
    return s && t && { source: s, target: t };
  }

  /** Goes on where an earlier process was cut off, if everything is still as it was then. */
  #takeUp(signature: string): KeyValues | null {
    if (this.#resume?.signature !== signature) return null;
    const upTo = this.findings.takeUp(this.#resume);
    this.#options.onChunk(this.findings.tally.rowsCompared);
    return upTo;
  }

  /** On one side only, unless replication is just bringing it, or the account may not see it. */
  async #missing(now: Definitions): Promise<TableResult | typeof gone | null> {
    const { control } = this.#options;
    if (!(await this.defined.staysSo(now))) return null;
    const absence = await explainAbsence(this.#name, now, this.#options, control.signal);
    if (absence === null) return null;
    if (!now.source && !now.target && !this.#options.named) return gone;
    const filter = now.source && !now.target ? await this.#keptFromTarget() : null;
    if (filter !== null) {
      this.findings.excludedBy = filter;
      return this.findings.result('UNVERIFIED', `${absence.reason}, excluded by ${filter}`);
    }
    this.findings.schemaDifferences = absence.schemaDifferences;
    return this.findings.result('MISSING', absence.reason);
  }

  /** The filter by which no change of the table ever comes to the target; null when there is none, or nobody says. */
  async #keptFromTarget(): Promise<string | null> {
    const { barrier, source, control } = this.#options;
    const { signal } = control;
    const filter = barrier.leavesOut(this.#name);
    if (filter !== null && barrier.mayBring?.(this.#name)) return null;
    if (filter !== null || (await barrier.sourcePosition(signal)) === null) return filter;
    return await unloggedBy(source, this.#name.schema, { signal });
  }

  async #noteNative(definition: TableDefinition): Promise<void> {
    const { method, override, control, check } = this.#options;
    const wholeTable = override.where === null && override.ignoreColumns.length === 0;
    if (check !== 'checksum' || method !== 'native' || !wholeTable) return;
    const query = { signal: control.signal, timeoutMs: this.#statementMs };
    this.findings.notes.push(await nativeNote(this.#name, definition, this.#options, query));
  }

  /** What fits on one side and not on the other is in the one's number alone. */
  #countsOtherwise(): boolean {
    const { apart, differences } = this.findings.tally;
    return this.#options.override.where !== null && apart + differences.changed > 0;
  }

  #settleOptions(key: Key | null, row: RowExpression | null, sought: RowExpression | null): SettleOptions {
    const { barrier, control, verify, override, source } = this.#options;
    const { where } = override;
    const engine = this.defined.definitions?.source?.engine ?? null;
    return {
      ...tableSides({
        ...this.#options,
        name: this.#name,
        definitions: this.defined.definitions,
        key,
        row,
        sought,
        where,
      }),
      barrier: untilLetGo(barrier, { source, name: this.#name, engine, waitMs: verify.waitMs }),
      within: wholeTable,
      signal: control.signal,
      statementMs: this.#statementMs,
      maxRounds: verify.maxRounds,
      pauseMs,
      ...(this.findings.position !== null || barrier.unproved !== null
        ? { goesOnToDiffer: goesOnToDiffer(this.#sent, { signal: control.signal }) }
        : {}),
    };
  }

  get #sent(): Sent {
    const { source, target, barrier } = this.#options;
    const { definitions, cascades } = this.defined;
    const isBrought = Boolean(barrier.mayBring?.(this.#name));
    const leftOut = isBrought ? null : barrier.leavesOut(this.#name);
    return { source, target, definitions, cascades, leftOut };
  }

  /** An ALTER waits for a statement that reads its table, and everybody for that ALTER: so long, and no longer. */
  get #statementMs(): number {
    return Math.max(10_000, this.#options.verify.chunkTimeMs * 20);
  }

  #exchanges(): number {
    return (this.#options.source.exchanges ?? 0) + (this.#options.target.exchanges ?? 0);
  }

  #identities(): string {
    return [this.#options.source.facts?.identity, this.#options.target.facts?.identity].join();
  }
}

/** Between two looks: no writer can foresee it. */
function pauseMs(): number {
  return 20 + Math.random() * 130;
}

function unchangedSince({ comparedAt, rows }: ColdMatch): string {
  const when = comparedAt.toISOString().slice(0, 19).replace('T', ' ');
  return `match, unchanged since ${when} UTC, when ${rows} rows were compared: neither side was written since`;
}

function unlikeExpressions(columns: string[]): string {
  const which = `virtual column${columns.length === 1 ? '' : 's'} ${columns.join(', ')}`;
  return `not compared: what MySQL and MariaDB make ${which} of, which each writes in its own way`;
}

function hasDocuments({ encodings }: RowExpression): boolean {
  return encodings.some(({ shape }) => shape === 'document');
}
