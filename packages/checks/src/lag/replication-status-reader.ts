import type { Mishaps } from '../mishaps.ts';
import type { ChannelStatus } from '../model/replication.ts';
import { replicaStatusStatement } from '../position/file-row.ts';
import { replicaStatusPrivilege } from '../server/grants.ts';
import type { Server } from '../server/server.ts';
import { ServerFault, type SqlRow } from '../server/sql-server.ts';
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
    this.#ticker.hasten();
  }

  stop(): void {
    this.#stopped = true;
    this.#ticker.stop();
  }

  async #look(): Promise<void> {
    const { clock, onReading } = this.#options;
    let reading: Omit<StatusReading, 'at'>;
    try {
      const channels = await this.#channels();
      const { hidesValues, server } = this.#options;
      reading = {
        channels: channels.map((channel) => tellable(channel, hidesValues)),
        fault: null,
        ...(server.facts?.aurora && { aurora: await this.#aurora() }),
      };
    } catch (error) {
      const { name } = this.#options.server;
      if (!(error instanceof ServerFault)) this.#unexpected(error);
      const fault = error instanceof ServerFault ? error : new ServerFault('statement', name, String(error));
      reading = { channels: null, fault };
    }
    if (!this.#stopped) onReading({ at: clock.wall(), ...reading });
  }

  #unexpected(error: unknown): void {
    const { mishaps, server } = this.#options;
    mishaps.happened('reading the replication status', error, { server: server.name });
  }

  async #channels(): Promise<ChannelStatus[]> {
    const { server } = this.#options;
    const { facts } = server;
    if (!facts) throw new ServerFault('connection', server.name, server.evidence);
    const rows = await this.#guarded('replication status', replicaStatusPrivilege(facts), () =>
      this.#query(replicaStatusStatement(facts)),
    );
    const channels = rows.map(channelStatusFrom);
    if (channels.length === 0) return channels;
    return facts.flavour === 'mysql'
      ? await this.#mysqlDetails(channels)
      : await this.#mariadbDetails(channels);
  }

  async #aurora(): Promise<AuroraMember[]> {
    return await this.#query(auroraStatement).then(auroraMembers, auroraUntold);
  }

  async #mysqlDetails(channels: ChannelStatus[]): Promise<ChannelStatus[]> {
    const connections = await this.#optional('receiver details', connectionTable, connectionStatement);
    const workers = await this.#optional('applier workers', workersTable, workersStatement);
    return channels
      .map((channel) => (connections ? withConnectionStatus(channel, connections) : channel))
      .map((channel) => (workers ? withWorkers(channel, workers) : channel));
  }

  async #mariadbDetails(channels: ChannelStatus[]): Promise<ChannelStatus[]> {
    const [row] = await this.#query('SELECT @@global.slave_parallel_threads AS workers');
    return channels.map((channel) => ({ ...channel, parallelWorkers: Number(row?.['workers']) }));
  }

  /** Null without the privilege, which is reported: the rest of the status goes on without it. */
  async #optional(feature: string, table: string, statement: string): Promise<SqlRow[] | null> {
    try {
      return await this.#guarded(feature, `SELECT ON ${table}`, () => this.#query(statement));
    } catch (fault) {
      if (fault instanceof ServerFault && fault.kind === 'privilege') return null;
      throw fault;
    }
  }

  async #guarded<T>(feature: string, privilege: string, work: () => Promise<T>): Promise<T> {
    const { server } = this.#options;
    try {
      const result = await work();
      server.clearMissing(feature);
      return result;
    } catch (fault) {
      await server.reportFault(feature, privilege, fault);
      throw fault;
    }
  }

  #query(sql: string): Promise<SqlRow[]> {
    return this.#options.server.query(sql, [], { lane: 'status' });
  }
}
