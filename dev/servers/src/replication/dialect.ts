import { atLeast } from '../flavour.ts';
import type { ServerHandle } from '../server-handle.ts';
import { text } from '../sql.ts';

/** The statements about replication that servers spell differently. */
export interface Dialect {
  change(settings: Settings, channel: string): string;
  start(thread: Thread, channel: string): string;
  stop(thread: Thread, channel: string): string;
  status(channel: string): string;
  reset(channel: string): string;
  sourceStatus: string;
  waitForGtid: string;
  waitForPosition: string;
}

/** `io` fetches, `sql` applies, `both` is the whole of it. */
export type Thread = 'io' | 'sql' | 'both';

export interface Settings {
  port: number;
  user: string;
  password: string;
  gtid: boolean;
  delaySeconds: number;
}

export function dialectOf(server: ServerHandle): Dialect {
  if (server.flavour === 'mariadb') return mariadb;
  return mysql(
    atLeast(server.version, 8, 0, 23) ? 'SOURCE' : 'MASTER',
    atLeast(server.version, 8, 2) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS',
  );
}

const threads: Record<Thread, string> = { io: ' IO_THREAD', sql: ' SQL_THREAD', both: '' };

const mariadb: Dialect = {
  change: ({ port, user, password, gtid, delaySeconds }, channel) =>
    `CHANGE MASTER${named(channel)} TO MASTER_HOST='127.0.0.1', MASTER_PORT=${port}, MASTER_USER=${text(user)},
     MASTER_PASSWORD=${text(password)}, MASTER_CONNECT_RETRY=1, MASTER_DELAY=${delaySeconds},
     MASTER_USE_GTID=${gtid ? 'slave_pos' : 'no'}, MASTER_SSL_VERIFY_SERVER_CERT=0`,
  start: (thread, channel) => `START SLAVE${named(channel)}${threads[thread]}`,
  stop: (thread, channel) => `STOP SLAVE${named(channel)}${threads[thread]}`,
  status: (channel) => `SHOW SLAVE${named(channel)} STATUS`,
  reset: (channel) => `RESET SLAVE${named(channel)} ALL`,
  sourceStatus: 'SHOW MASTER STATUS',
  waitForGtid: 'SELECT MASTER_GTID_WAIT(?, ?) AS waited',
  waitForPosition: 'SELECT MASTER_POS_WAIT(?, ?, ?) AS waited',
};

/** MariaDB names a connection right after the verb. */
function named(channel: string): string {
  return channel ? ` ${text(channel)}` : '';
}

function mysql(word: 'SOURCE' | 'MASTER', sourceStatus: string): Dialect {
  const replica = word === 'SOURCE' ? 'REPLICA' : 'SLAVE';
  const change = word === 'SOURCE' ? 'CHANGE REPLICATION SOURCE' : 'CHANGE MASTER';
  return {
    change: ({ port, user, password, gtid, delaySeconds }, channel) =>
      `${change} TO ${word}_HOST='127.0.0.1', ${word}_PORT=${port}, ${word}_USER=${text(user)},
       ${word}_PASSWORD=${text(password)}, ${word}_CONNECT_RETRY=1, ${word}_RETRY_COUNT=86400, ${word}_DELAY=${delaySeconds},
       ${word}_AUTO_POSITION=${gtid ? 1 : 0}${word === 'SOURCE' ? ', GET_SOURCE_PUBLIC_KEY=1' : ''}${forChannel(channel)}`,
    start: (thread, channel) => `START ${replica}${threads[thread]}${forChannel(channel)}`,
    stop: (thread, channel) => `STOP ${replica}${threads[thread]}${forChannel(channel)}`,
    status: (channel) => `SHOW ${replica} STATUS${forChannel(channel)}`,
    reset: (channel) => `RESET ${replica} ALL${forChannel(channel)}`,
    sourceStatus,
    waitForGtid: 'SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS waited',
    waitForPosition: `SELECT ${word}_POS_WAIT(?, ?, ?) AS waited`,
  };
}

function forChannel(channel: string): string {
  return channel ? ` FOR CHANNEL ${text(channel)}` : '';
}
