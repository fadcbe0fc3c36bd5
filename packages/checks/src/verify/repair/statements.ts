/** All statements of a table together: a person reads and a client sends them; and they are in memory until then. */
const maxChars = 64 * 1024 * 1024;
/** What servers and clients take in one statement by default may be little more. */
const longStatementChars = 4 * 1024 * 1024;

/** The statements of a repair, put in order, and what has to be said about them. */
export class Statements {
  readonly #listed: number;
  readonly #total: number;
  readonly #deletes: string[] = [];
  readonly #updates: string[] = [];
  readonly #inserts: string[] = [];
  readonly #said = new Set<string>();
  #chars = 0;
  #longest = 0;
  #rows = 0;

  /** `listed` of `total` differences are to be repaired. */
  constructor(listed: number, total: number) {
    this.#listed = listed;
    this.#total = total;
  }

  /** Further rows are left to the next repair. */
  get full(): boolean {
    return this.#chars > maxChars;
  }

  /** So many differences have been looked at. */
  done(rows: number): void {
    this.#rows += rows;
  }

  delete(statement: string): void {
    this.#add(this.#deletes, statement);
  }

  update(statement: string): void {
    this.#add(this.#updates, statement);
  }

  insert(statement: string): void {
    this.#add(this.#inserts, statement);
  }

  say(note: string): void {
    this.#said.add(note);
  }

  /** DELETEs come first, so that a key that moved is free again. */
  get statements(): string[] {
    return [...this.#deletes, ...this.#updates, ...this.#inserts];
  }

  get notes(): string[] {
    const notes = [...this.#said];
    const rows = Math.min(this.#rows, this.#listed);
    if (this.#total > rows) {
      notes.unshift(
        `these are ${rows} of ${this.#total} differences: run them, verify again, and repair what is left`,
      );
    }
    if (this.#longest > longStatementChars) {
      const megabytes = Math.ceil(this.#longest / 1024 / 1024);
      notes.push(
        `the longest statement has ${megabytes} MB: max_allowed_packet of the server and of your client has to be larger`,
      );
    }
    return notes;
  }

  #add(list: string[], statement: string): void {
    list.push(statement);
    this.#chars += statement.length;
    this.#longest = Math.max(this.#longest, statement.length);
  }
}
