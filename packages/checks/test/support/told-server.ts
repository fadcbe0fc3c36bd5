import type { Server } from '../../src/server/server.ts';
import {
  type QueryOptions,
  type ServerFacts,
  ServerFault,
  type SqlRow,
} from '../../src/server/sql-server.ts';

type Answer = SqlRow[] | ServerFault;

const asksForPlace = /^SHOW (BINARY LOG|MASTER) STATUS$/;
const place: SqlRow[] = [{ File: 'binlog.000001', Position: 4 }];

/** A server at the engine's own seam that says what it is told to: for what is made of words, not for the words. */
export class ToldServer {
  readonly name: string;
  facts: ServerFacts | null;
  connected = true;
  evidence = 'connected';
  readonly state: { host: string; port: number; balances?: string };
  /** By a part of the statement; what nothing is told for has no rows, but for a binlog, which it has. */
  readonly says = new Map<string, Answer>();
  /** In the place of an answer: how a question fails, or waits. */
  fails: (() => unknown) | null = null;
  /** The statements of each question, in order, and how it was asked. */
  readonly asked: { statements: readonly string[]; options: QueryOptions | undefined }[] = [];
  /** What was said to be missing, and to be there again. */
  readonly missing: string[] = [];
  readonly there: string[] = [];

  constructor(name: string, facts: ServerFacts | null, host = `${name}.local`) {
    this.name = name;
    this.facts = facts;
    this.state = { host, port: 3306 };
  }

  /** As the engine takes it. */
  get server(): Server {
    return this as unknown as Server;
  }

  async queryTogether(statements: readonly string[], options?: QueryOptions): Promise<Answer[]> {
    this.asked.push({ statements, options });
    if (this.fails) await this.fails();
    return statements.map(
      (sql) =>
        [...this.says].find(([part]) => sql.includes(part))?.[1] ?? (asksForPlace.test(sql) ? place : []),
    );
  }

  reportFault(feature: string, privilege: string): Promise<void> {
    this.missing.push(`${feature}: ${privilege}`);
    return Promise.resolve();
  }

  clearMissing(feature: string): void {
    this.there.push(feature);
  }

  fault(kind: ServerFault['kind'], message = kind as string, errno = 0): ServerFault {
    return new ServerFault(kind, this.name, message, errno);
  }
}
