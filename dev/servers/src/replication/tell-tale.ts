import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { TestServer } from '../process/test-server.ts';
import { connect, type Connection, type Row } from '../sql.ts';
import { caughtUp } from './caught-up.ts';
import { dialectOf } from './dialect.ts';

/** What a test could have done to a pair of servers, and would do to the next one; see `whatIsOff`. */
export interface TellTale {
  source: Side;
  target: Side;
}

interface Side {
  /** Global variables, but for those that work changes. */
  variables: Record<string, string>;
  /** Accounts, and what the monitor's may do. */
  accounts: string[];
  databases: string[];
}

/** Longer than any healthy server thinks about a short question, and no reason to despair of a busy machine. */
const answerMs = 15_000;

/** To be read while the pair is as it should be. */
export async function tellTale(source: TestServer, target: TestServer): Promise<TellTale> {
  return { source: await within(sideOf(source)), target: await within(sideOf(target)) };
}

/**
 * The first thing that is not as it was when the tell-tale was read: a server that is down, frozen, full or changed,
 * replication that does not run, or reads from elsewhere, data that is not the same on both sides. Null for nothing.
 */
export async function whatIsOff(
  source: TestServer,
  target: TestServer,
  was: TellTale,
  sourcePort: number,
): Promise<string | null> {
  try {
    for (const server of [source, target]) if (server.pid === null) return 'a server is down';
    const replication = await within(asRoot(target, (root) => replicationTrouble(root, target, sourcePort)));
    if (replication !== null) return replication;
    // What a test has removed may still be on its way to the target.
    await caughtUp(source, target, answerMs / 1000);
    for (const [name, server] of Object.entries({ source, target })) {
      const now = await within(sideOf(server));
      const before = was[name as keyof TellTale];
      for (const part of ['variables', 'accounts', 'databases'] as const) {
        if (!isDeepStrictEqual(now[part], before[part])) return `${part} of the ${name}`;
      }
    }
    const [ours, theirs] = await Promise.all([within(contentOf(source)), within(contentOf(target))]);
    if (!isDeepStrictEqual(ours, theirs)) return 'the data is not the same';
    return await within(asRoot(target, (root) => ownTransactions(root, source, target)));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function sideOf(server: TestServer): Promise<Side> {
  // Whether the monitor may still log in.
  const monitor = await connect({ port: server.port, ...server.monitor });
  monitor.destroy();
  return asRoot(server, async (root) => {
    const variables = await rows(root, 'SHOW GLOBAL VARIABLES');
    const accounts = await rows(root, `SELECT CONCAT(user, '@', host) AS name FROM mysql.user ORDER BY 1`);
    const grants = await rows(root, `SHOW GRANTS FOR '${server.monitor.user}'@'127.0.0.1'`);
    const names = (await rows(root, 'SHOW DATABASES')).map((row) => String(row['Database']));
    return {
      variables: Object.fromEntries(
        variables
          .map((row) => [String(row['Variable_name']), String(row['Value'])] as const)
          .filter(([name]) => !byWork.test(name)),
      ),
      accounts: [
        ...accounts.map((row) => String(row['name'])),
        // MariaDB shows the password's hash, which is new with every ALTER USER to the same password.
        ...grants
          .map((row) => String(Object.values(row)[0]).replace(/ IDENTIFIED BY .*$/, ''))
          // What is granted on a database outlives it.
          .filter((grant) => isAlive(grant, names)),
      ],
      databases: names,
    };
  });
}

function isAlive(grant: string, databases: string[]): boolean {
  const [, database] = / ON `(.+?)`\.[*`]/.exec(grant) ?? [];
  return database === undefined || databases.includes(database.replaceAll('\\', ''));
}

/** `init_file` makes the accounts at the first start, and is not given at the next. */
const byWork = /^(gtid_|.*_gtid$|timestamp$|init_file$|server_uuid$|last_|rand_seed|innodb_.*(status|now)$)/;

async function replicationTrouble(
  root: Connection,
  target: TestServer,
  sourcePort: number,
): Promise<string | null> {
  const channels = await rows(
    root,
    target.flavour === 'mariadb' ? 'SHOW ALL SLAVES STATUS' : dialectOf(target).status(''),
  );
  const [channel] = channels;
  if (!channel || channels.length > 1) return `the target has ${channels.length} channels`;
  const field = (name: string) =>
    String(
      channel[`Replica_${name}`] ??
        channel[`Slave_${name}`] ??
        channel[`Source_${name}`] ??
        channel[`Master_${name}`],
    );
  if (field('IO_Running') !== 'Yes' || field('SQL_Running') !== 'Yes') return 'replication does not run';
  if (Number(field('Port')) !== sourcePort) return 'the target reads from elsewhere';
  if (Number(channel['SQL_Delay']) !== 0) return 'the target is delayed';
  const filter = Object.entries(channel).find(
    ([name, value]) => /^Replicate_/.test(name) && value !== '' && !/Rewrite/.test(name),
  );
  return filter ? `the target has the filter ${filter[0]}` : null;
}

async function contentOf(server: TestServer): Promise<Row[]> {
  return asRoot(server, async (root) => {
    const tables = await rows(
      root,
      `SELECT table_schema AS s, table_name AS t FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
       ORDER BY 1, 2`,
    );
    if (tables.length === 0) return [];
    return rows(root, `CHECKSUM TABLE ${tables.map(({ s, t }) => `\`${s}\`.\`${t}\``).join(', ')}`);
  });
}

/** Transactions that only the target has. */
async function ownTransactions(
  root: Connection,
  source: TestServer,
  target: TestServer,
): Promise<string | null> {
  if (target.flavour === 'mariadb') {
    const [state] = await rows(root, 'SELECT @@gtid_binlog_state AS gtid');
    return String(state?.['gtid']).includes(`-${target.serverId}-`)
      ? 'the target has errant transactions'
      : null;
  }
  const [history] = await source.query<{ gtid: string }>('SELECT @@gtid_executed AS gtid');
  const [subset] = await rows(root, `SELECT GTID_SUBSET(@@gtid_executed, '${history?.gtid}') AS has`);
  return Number(subset?.['has']) === 1 ? null : 'the target has errant transactions';
}

/** On a connection of its own: what `query` uses may have been left in any state. */
async function asRoot<T>(server: TestServer, work: (root: Connection) => Promise<T>): Promise<T> {
  const root = await connect({ port: server.port, user: 'root', password: server.rootPassword });
  try {
    return await work(root);
  } finally {
    root.destroy();
  }
}

async function rows(root: Connection, sql: string): Promise<Row[]> {
  const [answer] = await root.query(sql);
  return answer as Row[];
}

function within<T>(work: Promise<T>): Promise<T> {
  const late = pause(answerMs, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${answerMs / 1000} s`);
  });
  return Promise.race([work, late]);
}
