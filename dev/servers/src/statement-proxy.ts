import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Connection, createConnection } from 'mysql2';
import type { ServerHandle } from './server-handle.ts';

/** A proxy that knows statements: it speaks as much of the protocol as it takes to send them where it wants. */
export interface StatementProxy {
  port: number;
  /** Ends the connections that there are. */
  cut(): void;
  close(): void;
}

const comQuit = 1;
export const comQuery = 3;
const quietMs = 5;

/**
 * Logs clients in on `writes`; what `isRead` says goes to `reads`, everything else to `writes`, and what is SET to
 * both. Several statements in one packet are one, for which the first word counts.
 */
export function splittingProxy(
  writes: ServerHandle,
  reads: ServerHandle,
  isRead: (statement: string) => boolean = isSelect,
): Promise<StatementProxy> {
  return statementProxy(writes, async (client, main) => {
    const side = await loggedIn(reads);
    let answering = main;
    main.on('data', (data) => client.write(data));
    side.on('data', (data) => {
      if (answering === side) client.write(data);
    });
    client.on('close', () => side.destroy());
    return async (packet, statement) => {
      if (/^\s*SET\b/i.test(statement)) {
        // Of what is SET on both the client hears once.
        answering = main;
        side.write(packet);
        await once(side, 'data');
      }
      answering = isRead(statement) ? side : main;
      answering.write(packet);
    };
  });
}

/**
 * Answers what it has seen before as it was answered then; `keyOf` says which statements are the same to it, and null
 * of those that it does not remember.
 */
export function cachingProxy(
  server: Pick<ServerHandle, 'port'>,
  keyOf: (statement: string) => string | null = (statement) => (isSelect(statement) ? statement : null),
): Promise<StatementProxy> {
  const answers = new Map<string, Buffer>();
  return statementProxy(server, (client, main) => {
    let asked: string | null = null;
    let answer: Buffer[] = [];
    main.on('data', (data) => {
      answer.push(data);
      client.write(data);
    });
    return (packet, statement) => {
      // A client asks on when it has the answer whole.
      if (asked !== null && answer.length > 0) answers.set(asked, Buffer.concat(answer));
      answer = [];
      asked = keyOf(statement);
      const known = asked === null ? undefined : answers.get(asked);
      if (known) client.write(known);
      else main.write(packet);
    };
  });
}

function isSelect(statement: string): boolean {
  return /^\s*SELECT\b/i.test(statement);
}

/** Leads to where `to` says when a connection is made, and ends it when it is asked what `isUnbearable` says. */
export function endingProxy(
  to: () => ServerHandle,
  isUnbearable: (statement: string) => boolean,
): Promise<StatementProxy> {
  const login = {
    get port() {
      return to().port;
    },
  };
  return statementProxy(login, (client, main) => {
    main.on('data', (data) => client.write(data));
    return (packet, statement) => {
      if (isUnbearable(statement)) client.destroy();
      else main.write(packet);
    };
  });
}

/** All clients share one session of the server, in which a statement is asked when the one before it is answered. */
export async function multiplexingProxy(server: ServerHandle): Promise<StatementProxy> {
  const shared = await loggedIn(server);
  let turn: Promise<unknown> = Promise.resolve();
  let answering: Socket | null = null;
  shared.on('data', (data) => answering?.write(data));
  const proxy = await statementProxy(server, (client, main) => {
    main.on('data', (data) => client.write(data));
    return (packet) => {
      turn = turn.then(async () => {
        answering = client;
        shared.write(packet);
        await settled(shared);
      });
    };
  });
  return {
    ...proxy,
    close() {
      proxy.close();
      shared.destroy();
    },
  };
}

/** Gives each client the answer to its statement before, once it has asked what `isLast` says. */
export function belatedProxy(
  server: ServerHandle,
  isLast: (statement: string) => boolean,
): Promise<StatementProxy> {
  return statementProxy(server, (client, main) => {
    let isBelated = false;
    let before: Buffer | null = null;
    let answer: Buffer[] = [];
    main.on('data', (data) => {
      answer.push(data);
      if (!before) client.write(data);
    });
    return async (packet, statement) => {
      if (isBelated) before = Buffer.concat(answer);
      isBelated ||= isLast(statement);
      answer = [];
      main.write(packet);
      if (!before) return;
      await settled(main);
      client.write(before);
    };
  });
}

/** Resolves when what is answered is whole: nothing more has come for a while. */
export function settled(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    let quiet: NodeJS.Timeout | null = null;
    const done = () => {
      socket.off('data', heard);
      resolve();
    };
    const heard = () => {
      if (quiet) quiet.refresh();
      else quiet = setTimeout(done, quietMs);
    };
    socket.on('data', heard);
  });
}

type Route = (packet: Buffer, statement: string) => void | Promise<void>;

export async function statementProxy(
  login: Pick<ServerHandle, 'port'>,
  serve: (client: Socket, main: Socket) => Route | Promise<Route>,
): Promise<StatementProxy> {
  const clients = new Set<Socket>();
  const door = createServer((client) => {
    clients.add(client);
    const main = connect(login.port, '127.0.0.1');
    for (const socket of [client, main]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
    }
    client.on('close', () => {
      clients.delete(client);
      main.destroy();
    });
    main.on('close', () => client.destroy());
    client.pause();
    void Promise.resolve(serve(client, main)).then(
      (route) => onPackets(client, (packet) => pass(packet, client, main, route)),
      () => client.destroy(),
    );
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const cut = () => {
    for (const client of clients) client.destroy();
  };
  return {
    port: (door.address() as AddressInfo).port,
    cut,
    close() {
      door.close();
      cut();
    },
  };
}

/** What a client says while it logs in has a number other than 0. */
function pass(packet: Buffer, client: Socket, main: Socket, route: Route): void {
  if (packet[3] === 0 && packet[4] === comQuit) client.destroy();
  else if (packet[3] === 0 && packet[4] === comQuery) void route(packet, statementOf(packet));
  else main.write(packet);
}

/** Behind what MySQL's clients say of its attributes: that there are none, in one set. */
function statementOf(packet: Buffer): string {
  const attributes = packet[5] === 0 && packet[6] === 1 ? 2 : 0;
  return packet.subarray(5 + attributes).toString();
}

/** A connection on which the server waits for statements. */
export async function loggedIn({ port, monitor }: ServerHandle): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  const driver: Connection = createConnection({
    ...monitor,
    charset: 'utf8mb4',
    flags: ['-LOCAL_FILES'],
    multipleStatements: true,
    stream: () => socket,
  });
  await new Promise<void>((resolve, reject) => {
    driver.once('connect', () => resolve());
    driver.once('error', reject);
  });
  // What comes from here on is the client's.
  socket.removeAllListeners('data');
  return socket;
}

function onPackets(from: Socket, heard: (packet: Buffer) => void): void {
  let waiting = Buffer.alloc(0);
  from.on('data', (data: Buffer) => {
    waiting = Buffer.concat([waiting, data]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUIntLE(0, 3)) {
      const length = 4 + waiting.readUIntLE(0, 3);
      heard(waiting.subarray(0, length));
      waiting = waiting.subarray(length);
    }
  });
  from.resume();
}
