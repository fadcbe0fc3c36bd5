import type { Socket } from 'node:net';
import type { ServerHandle } from './server-handle.ts';
import { comQuery, loggedIn, settled, type StatementProxy, statementProxy } from './statement-proxy.ts';

/** Clients keep their connections over a move: what they ask then is asked of another server. */
export interface MovableProxy extends StatementProxy {
  moveTo(server: ServerHandle): void;
}

/**
 * Behind each client's connection is a session of the server that it leads to at present, set up as the client SET its
 * own, as a pooler in front of a cluster has it over a failover.
 */
export async function failoverProxy(server: ServerHandle): Promise<MovableProxy> {
  let to = server;
  const proxy = await statementProxy(server, (client, main) => {
    const sessions = new Map([[server, main]]);
    const set: Buffer[] = [];
    main.on('data', (data) => client.write(data));
    const sessionOf = async (wanted: ServerHandle): Promise<Socket> => {
      const known = sessions.get(wanted);
      if (known) return known;
      const made = await loggedIn(wanted);
      client.on('close', () => made.destroy());
      for (const packet of set) {
        made.write(packet);
        await settled(made);
      }
      made.on('data', (data) => client.write(data));
      sessions.set(wanted, made);
      return made;
    };
    return async (packet, statement) => {
      const session = await sessionOf(to);
      if (/^\s*SET\b/i.test(statement)) set.push(packet);
      session.write(packet);
    };
  });
  return { ...proxy, moveTo: (server) => void (to = server) };
}

/** Each statement goes to the next of so many sessions that a client has; what is SET is set in all of them. */
export function poolingProxy(server: ServerHandle, sessions: number): Promise<StatementProxy> {
  return statementProxy(server, async (client, main) => {
    const more = await Promise.all(Array.from({ length: sessions - 1 }, () => loggedIn(server)));
    const all = [main, ...more];
    let answering = main;
    for (const session of all) {
      session.on('data', (data) => {
        if (answering === session) client.write(data);
      });
      client.on('close', () => session.destroy());
    }
    let turn = 0;
    return async (packet, statement) => {
      if (/^\s*SET\b/i.test(statement)) {
        answering = client;
        for (const session of more) {
          session.write(packet);
          await settled(session);
        }
        answering = main;
      } else answering = all[turn++ % all.length]!;
      answering.write(packet);
    };
  });
}

/** What is sent as one it asks one after the other, what `isElsewhere` says of another server, and answers as one. */
export function dividingProxy(
  server: ServerHandle,
  other: ServerHandle,
  isElsewhere: (statement: string) => boolean,
): Promise<StatementProxy> {
  return statementProxy(server, async (client, main) => {
    const side = await loggedIn(other);
    client.on('close', () => side.destroy());
    // While it logs in.
    const heard = (data: Buffer) => client.write(data);
    main.on('data', heard);
    return async (packet, statement) => {
      main.off('data', heard);
      const parts = statement.split(/; (?=SHOW|SELECT)/);
      const whole: Buffer[] = [];
      for (const [index, part] of parts.entries()) {
        const answer = await answered(isElsewhere(part) ? side : main, packet, part);
        const last = answer.at(-1) as Buffer;
        whole.push(...answer);
        if (last[4] === 0xff) break;
        if (index < parts.length - 1) last.writeUInt8(last.readUInt8(statusAt) | moreFollows, statusAt);
      }
      for (const [index, each] of whole.entries()) each.writeUInt8((index + 1) % 256, 3);
      client.write(Buffer.concat(whole));
    };
  });
}

const moreFollows = 8;
/** In an EOF packet, and in an OK packet with two numbers that are small. */
const statusAt = 7;

/** The packets of the answer to a statement, asked as `like` was. */
async function answered(session: Socket, like: Buffer, statement: string): Promise<Buffer[]> {
  const attributes = like[5] === 0 && like[6] === 1 ? like.subarray(5, 7) : Buffer.alloc(0);
  const payload = Buffer.concat([Buffer.from([comQuery]), attributes, Buffer.from(statement)]);
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  const data: Buffer[] = [];
  const heard = (more: Buffer) => void data.push(more);
  session.on('data', heard);
  session.write(Buffer.concat([head, payload]));
  await settled(session);
  session.off('data', heard);
  const packets: Buffer[] = [];
  let rest = Buffer.from(Buffer.concat(data));
  while (rest.length >= 4) {
    const length = 4 + rest.readUIntLE(0, 3);
    packets.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return packets;
}

/** Asks what it is told to in a client's own session, between the client's statements. */
export interface SharingProxy extends StatementProxy {
  /** In every session that there is, and that comes. */
  interfere(statement: string): void;
}

/** Somebody else uses each client's session, too, and hears of it alone what was asked for there. */
export async function sharingProxy(server: ServerHandle): Promise<SharingProxy> {
  let foreign: string | null = null;
  const proxy = await statementProxy(server, (client, main) => {
    let theirs = false;
    main.on('data', (data) => {
      if (!theirs) client.write(data);
    });
    let done: string | null = null;
    let turn: Promise<unknown> = Promise.resolve();
    return (packet) => {
      turn = turn.then(async () => {
        if (foreign !== null && foreign !== done) {
          done = foreign;
          theirs = true;
          await answered(main, packet, foreign);
          theirs = false;
        }
        main.write(packet);
        await settled(main);
      });
    };
  });
  return { ...proxy, interfere: (statement) => void (foreign = statement) };
}
