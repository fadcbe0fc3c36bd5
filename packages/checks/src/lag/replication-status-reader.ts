import type { Mishaps } from '../mishaps.ts';
import type { ChannelStatus } from '../model/replication.ts';
import { replicaStatusStatement } from '../position/file-row.ts';
import { replicaStatusPrivilege } from '../server/grants.ts';
import type { Server } from '../server/server.ts';
import { type ServerFacts, ServerFault, type SqlRow } from '../server/sql-server.ts';
import { mustBeStill } from '../server/still.ts';
import type { Clock } from '../time/clock.ts';
import { Ticker } from '../time/ticker.ts';
import { type AuroraMember, auroraMembers, auroraStatement, auroraUntold } from './aurora.ts';
import { channelStatusFrom, tellable } from './channel-status.ts';
import {
  connectionStatement,
  connectionTable,
  withConnectionStatus,
  withWorkers,
  workersStatement,
  workersTable,
} from './mysql-applier.ts';
import { smallNumber } from './whole-number.ts';

/** What the replication status of a target was when it was last asked. */
export interface StatusReading {
  at: Date;
  /** Empty: replication is not configured. Null: could not be read, see `fault`. */
  channels: ChannelStatus[] | null;
  fault: ServerFault | null;
  /** The servers of the target's Aurora cluster; absent where it is of none, or does not tell. */
  aurora?: AuroraMember[];
}

export interface ReplicationStatusReaderOptions {
  server: Server;
  intervalMs: number;
  phaseMs: number;
  /** Some column of what it replicates is masked. */
  hidesValues: boolean;
  clock: Clock;
  mishaps: Mishaps;
  onReading: (reading: StatusReading) => void;
}

/** Asks one target for its replication status again and again, for all pairs that it is the target of. */
export class ReplicationStatusReader {
  readonly #options: ReplicationStatusReaderOptions;
  readonly #ticker: Ticker;
  #stopped = false;
  /** As it last said. */
  #replicates = false;
  /** What it refused to tell when last asked. */
  readonly #refused = new Set<string>();
  /** What was refused is asked for this time. */
  #tries = false;
  /** The next look is left out, since this one took a statement more to know who answered. */
  #rests = false;

  constructor(options: ReplicationStatusReaderOptions) {
    this.#options = options;
    this.#ticker = new Ticker({
      ...options,
      job: () => this.#look(),
      onError: (error) => this.#unexpected(error),
    });
  }

  start(): void {
    this.#ticker.start();
  }

  /** Looks again at once. */
  hasten(): void {
    this.#rests = false;
    this.#ticker.hasten();
  }

  stop(): void {
    this.#stopped = true;
    this.#ticker.stop();
  }

  async #look(): Promise<void> {
    if (this.#rests) {
      this.#rests = false;
      return;
    }
    const { clock, server, onReading } = this.#options;
    let reading: Omit<StatusReading, 'at'>;
    try {
      const { facts } = server;
      if (!facts) throw new ServerFault('connection', server.name, server.evidence);
      reading = await this.#reading(facts).finally(() => mustBeStill(server, facts));
    } catch (error) {
      if (!(error instanceof ServerFault)) this.#unexpected(error);
      const fault =
        error instanceof ServerFault ? error : new ServerFault('statement', server.name, String(error));
      this.#rests = isPrivilege(fault);
      reading = { channels: null, fault };
    }
    if (!this.#stopped) onReading({ at: clock.wall(), ...reading });
  }

  async #reading(facts: ServerFacts): Promise<Omit<StatusReading, 'at'>> {
    const channels = await this.#channels(facts);
    return {
      channels: channels.map((channel) => tellable(channel, this.#options.hidesValues)),
      fault: null,
      ...(facts.aurora && { aurora: await this.#aurora() }),
    };
  }

  #unexpected(error: unknown): void {
    const { mishaps, server } = this.#options;
    mishaps.happened('reading the replication status', error, { server: server.name });
  }

  async #channels(facts: ServerFacts): Promise<ChannelStatus[]> {
    const replicates = this.#replicates;
    this.#replicates = false;
    const mysql = facts.flavour === 'mysql';
    const channels = await (mysql ? this.#ofMysql(facts, replicates) : this.#ofMariadb(facts));
    this.#replicates = channels.length > 0;
    this.#rests = !this.#replicates;
    return channels;
  }

  async #aurora(): Promise<AuroraMember[]> {
    const [answer] = await this.#ask(auroraStatement);
    return Array.isArray(answer) ? auroraMembers(answer) : auroraUntold(answer);
  }

  async #status(facts: ServerFacts, answer: Answer): Promise<ChannelStatus[]> {
    const rows = await this.#guarded('replication status', replicaStatusPrivilege(facts), answer);
    return rows.map(channelStatusFrom);
  }

  /**
   * Of a replica, all of it comes in one round trip, and a table says who answers; what was refused is asked for last,
   * and every other time only, since what follows it has to be asked anew.
   */
  async #ofMysql(facts: ServerFacts, replicates: boolean): Promise<ChannelStatus[]> {
    const status = replicaStatusStatement(facts);
    this.#tries = !this.#tries;
    const details = [connectionStatement, workersStatement];
    const refused = details.filter((statement) => this.#refused.has(statement));
    const shown = details.filter((statement) => !this.#refused.has(statement));
    const wanted = replicates ? [...shown, status, ...(this.#tries ? refused : [])] : [status];
    const answers = await this.#answers(wanted);
    const channels = await this.#status(facts, answers.get(status));
    if (channels.length === 0) return channels;
    const told = replicates ? answers : await this.#answers(details);
    const connections = await this.#optional('receiver details', connectionTable, connectionStatement, told);
    const workers = await this.#optional('applier workers', workersTable, workersStatement, told);
    return channels
      .map((channel) => (connections ? withConnectionStatus(channel, connections) : channel))
      .map((channel) => (workers ? withWorkers(channel, workers) : channel));
  }

  async #ofMariadb(facts: ServerFacts): Promise<ChannelStatus[]> {
    const [ofWorkers, ofChannels] = await this.#ask(parallelThreadsStatement, replicaStatusStatement(facts));
    const channels = await this.#status(facts, ofChannels);
    if (!Array.isArray(ofWorkers)) throw ofWorkers as Error;
    const parallelWorkers = smallNumber(String(ofWorkers[0]?.['workers']));
    return channels.map((channel) => ({ ...channel, parallelWorkers }));
  }

  /** Null without the privilege, which is reported: the rest of the status goes on without it. */
  async #optional(
    feature: string,
    table: string,
    statement: string,
    answers: ReadonlyMap<string, Answer>,
  ): Promise<SqlRow[] | null> {
    if (!answers.has(statement)) return null;
    try {
      const rows = await this.#guarded(feature, `SELECT ON ${table}`, answers.get(statement));
      this.#refused.delete(statement);
      return rows;
    } catch (fault) {
      if (!isPrivilege(fault)) throw fault;
      this.#refused.add(statement);
      return null;
    }
  }

  async #guarded(feature: string, privilege: string, answer: Answer): Promise<SqlRow[]> {
    const { server } = this.#options;
    if (Array.isArray(answer)) {
      server.clearMissing(feature);
      return answer;
    }
    await server.reportFault(feature, privilege, answer);
    throw answer as Error;
  }

  async #answers(statements: string[]): Promise<Map<string, Answer>> {
    const answers = await this.#ask(...statements);
    return new Map(statements.map((statement, index) => [statement, answers[index]]));
  }

  #ask(...statements: string[]): Promise<Answer[]> {
    return this.#options.server.queryTogether(statements, { lane: 'status' });
  }
}

type Answer = SqlRow[] | ServerFault | undefined;

function isPrivilege(fault: unknown): boolean {
  return fault instanceof ServerFault && fault.kind === 'privilege';
}

const parallelThreadsStatement = 'SELECT @@global.slave_parallel_threads AS workers';
