import { setTimeout as pause } from 'node:timers/promises';
import {
  type ClusterKind,
  type Connection,
  memberState,
  type TestServer,
  wsrepStatus,
} from '@lockstep/servers';
import { schema, stall } from './stage.ts';

export interface Trouble {
  name: string;
  /** To a member. Resolves with what ends it, which resolves when the member is well again. */
  begin: (member: TestServer) => Promise<() => Promise<void>>;
}

const wellWithinMs = 90_000;

export const troubles: Record<ClusterKind, Trouble[]> = {
  galera: [
    stalled(),
    frozen(isReady),
    {
      name: 'partition',
      async begin(node) {
        await node.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
        return async () => {
          await node.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'`);
          await until(node, isReady);
        };
      },
    },
    {
      name: 'desynced',
      async begin(node) {
        await node.query('SET GLOBAL wsrep_desync = ON');
        const end = await stall(node, 'live');
        return async () => {
          await end();
          await node.query('SET GLOBAL wsrep_desync = OFF');
          await until(node, isReady);
        };
      },
    },
    {
      name: 'kill and rejoin',
      async begin(node) {
        await node.kill9();
        return async () => {
          await node.start();
          await until(node, isReady);
        };
      },
    },
  ],
  'group-replication': [
    stalled(),
    frozen(isOnline),
    {
      name: 'leave and join',
      async begin(member) {
        await member.query('STOP GROUP_REPLICATION');
        return () => joinAgain(member);
      },
    },
    {
      name: 'kill and rejoin',
      async begin(member) {
        await member.kill9();
        return async () => {
          await member.start();
          await joinAgain(member);
        };
      },
    },
    {
      name: 'election',
      // One primary, another one in mid-run, and all of them again.
      async begin(member) {
        await elect(member);
        const [other] = (await othersOf(member)).filter(({ role }) => role === 'SECONDARY');
        await member.query(`SELECT group_replication_set_as_primary('${other?.id}')`);
        return () => toMultiPrimary(member);
      },
    },
  ],
};

function stalled(): Trouble {
  return { name: 'stall', begin: (member) => stall(member, 'live') };
}

function frozen(well: (member: TestServer) => Promise<boolean>): Trouble {
  return {
    name: 'freeze',
    async begin(member) {
      await member.freeze();
      return async () => {
        member.thaw();
        // It says of itself that all is well until it has heard what happened.
        await pause(8000);
        if (member.flavour === 'mysql' && !(await well(member).catch(() => false))) await joinAgain(member);
        await until(member, well);
      };
    },
  };
}

async function joinAgain(member: TestServer): Promise<void> {
  if (await isOnline(member).catch(() => false)) return;
  await member.query('STOP GROUP_REPLICATION').catch(() => undefined);
  await member.query('SET GLOBAL offline_mode = OFF').catch(() => undefined);
  await member.query('START GROUP_REPLICATION');
  await until(member, isOnline);
}

async function elect(member: TestServer): Promise<void> {
  const [row] = await member.query<{ id: string }>('SELECT @@server_uuid AS id');
  await member.query(`SELECT group_replication_switch_to_single_primary_mode('${row?.id}')`);
}

function othersOf(member: TestServer): Promise<{ id: string; role: string }[]> {
  return member.query(
    `SELECT MEMBER_ID AS id, MEMBER_ROLE AS role FROM performance_schema.replication_group_members
     WHERE MEMBER_ID <> @@server_uuid`,
  );
}

async function toMultiPrimary(member: TestServer): Promise<void> {
  await member.query('SELECT group_replication_switch_to_multi_primary_mode()');
}

async function isReady(node: TestServer): Promise<boolean> {
  return (
    (await wsrepStatus(node, 'local_state_comment')) === 'Synced' &&
    (await wsrepStatus(node, 'ready')) === 'ON'
  );
}

async function isOnline(member: TestServer): Promise<boolean> {
  return (await memberState(member)) === 'ONLINE';
}

async function until(member: TestServer, well: (member: TestServer) => Promise<boolean>): Promise<void> {
  const end = performance.now() + wellWithinMs;
  while (!(await well(member).catch(() => false))) {
    if (performance.now() > end) {
      throw new Error(`the member on port ${member.port} does not come back:\n${await member.log()}`);
    }
    await pause(250);
  }
}

/** Where a group takes writes at present; nowhere while nobody is known to. */
export async function writableOf(members: readonly TestServer[]): Promise<TestServer[]> {
  const asked = members.map(async (member) => {
    if (member.pid === null) return [];
    const said = member
      .query<{ ro: number }>('SELECT @@global.super_read_only AS ro')
      .catch(() => [] as { ro: number }[]);
    const [row] = await Promise.race([said, pause(1000).then(() => [])]);
    return row && Number(row.ro) === 0 && (await isOnline(member).catch(() => false)) ? [member] : [];
  });
  return (await Promise.all(asked)).flat();
}

/** One of two writers loses what both write at once, which says nothing of the member. */
export async function write(connection: Connection, sql: string): Promise<boolean> {
  try {
    await connection.query(sql);
    return true;
  } catch (error) {
    if (lost.has((error as { errno?: number }).errno ?? 0)) return false;
    throw error;
  }
}

/** Deadlock, and the group's "rolled back by a plugin". */
const lost = new Set([1213, 3101]);

/** Rows that come, go and change. Numbers keep what two members write apart. */
export function writes(i: number): string {
  const table = `${schema}.live`;
  const id = 1 + ((i * 7919) % 500);
  if (i % 5 === 0) return `INSERT INTO ${table} (v) VALUES (${i})`;
  if (i % 5 === 1) return `DELETE FROM ${table} WHERE id > 500 ORDER BY id LIMIT 1`;
  return `UPDATE ${table} SET v = v + 1 WHERE id = ${i % 5 === 2 ? 1 : id}`;
}
