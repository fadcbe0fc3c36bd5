import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

/** Packets of the protocol, for servers that no real one can be made to be. */

/** With its header. */
export function packet(sequence: number, ...parts: (Buffer | string | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))),
  );
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header[3] = sequence & 255;
  return Buffer.concat([header, body]);
}

/** A text with its length before it; at most 64 KB. */
export function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length < 251) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([0xfc, bytes.length & 255, bytes.length >> 8]), bytes]);
}

export function greeting(plugin: string, version = '8.0.36', tls = false): Buffer {
  const scramble = '12345678901234567890';
  return packet(
    0,
    10,
    `${version}\0`,
    Buffer.from([1, 0, 0, 0]),
    scramble.slice(0, 8),
    0,
    // No LOCAL INFILE; PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH.
    Buffer.from([0x0d, tls ? 0xaa : 0xa2, 45, 2, 0, 0x0b, 0, 21]),
    Buffer.alloc(10),
    `${scramble.slice(8)}\0`,
    `${plugin}\0`,
  );
}

export const askFor = (sequence: number, plugin: string): Buffer =>
  packet(sequence, 0xfe, `${plugin}\0`, '12345678901234567890\0');

/** The header of an answer: what its columns are called. The first row's number is two more than theirs. */
export function columns(...names: string[]): Buffer[] {
  const definition = (name: string, i: number) =>
    packet(
      i + 2,
      sized('def'),
      ...['', '', '', name, name].map(sized),
      Buffer.from([0x0c, 45, 0, 0, 4, 0, 0, 0xfd, 0, 0, 0, 0, 0]),
    );
  const end = packet(names.length + 2, 0xfe, Buffer.from([0, 0, 2, 0]));
  return [packet(1, names.length), ...names.map(definition), end];
}

/** What a login comes to: every packet that a client sends, without its header. */
export type Talk = (client: Socket, said: Buffer, count: number) => void;

/** A port behind which `greet` is sent and `talk` hears every packet. */
export async function madeUpServer(greet: Buffer, talk: Talk): Promise<number> {
  return await listen((client) => {
    client.write(greet);
    let count = 0;
    onPackets(client, (said) => talk(client, said.subarray(4), count++));
  });
}

/**
 * A port that leads to a real server, but for the statements that `answer` answers in its place: whatever it yields
 * is sent for as long as the client takes it.
 */
export async function lyingServer(
  realPort: number,
  answer: (statement: string) => Iterable<Buffer> | null,
): Promise<{ port: number; sent: () => number }> {
  let sent = 0;
  const port = await listen((client) => {
    const real = connect(realPort, '127.0.0.1');
    real.on('error', () => client.destroy());
    real.on('data', (data) => client.write(data));
    client.on('close', () => real.destroy());
    onPackets(client, (said) => {
      const made = said[4] === 3 ? answer(said.subarray(5).toString()) : null;
      if (made === null) real.write(said);
      else void pour(client, made);
    });
  });
  return { port, sent: () => sent };

  async function pour(client: Socket, made: Iterable<Buffer>): Promise<void> {
    for (const part of made) {
      if (client.destroyed) return;
      sent += part.length;
      if (!client.write(part)) {
        await Promise.race([once(client, 'drain'), once(client, 'close')]).catch(() => client.destroy());
      }
    }
  }
}

/** A port that asks, under TLS, for the password as it is, and refuses whatever it is told; `heard` is that. */
export async function tokenServer(context: SecureContextOptions): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const port = await listen((client) => {
    client.write(greeting('mysql_native_password', '8.0.36', true));
    client.once('data', (asksForTls: Buffer) => {
      const [outside, inside] = duplexPair();
      // The beginning of TLS may come with what asks for it.
      outside.write(asksForTls.subarray(4 + asksForTls.readUIntLE(0, 3)));
      client.pipe(outside).pipe(client);
      const secured = new TLSSocket(inside, { isServer: true, secureContext: createSecureContext(context) });
      secured.on('error', () => client.destroy());
      let asked = false;
      onPackets(secured, (said) => {
        const next = (said[3] ?? 0) + 1;
        if (asked) {
          heard.push(said.subarray(4).toString().replace(/\0$/, ''));
          secured.write(packet(next, 0xff, Buffer.from([0x15, 0x04]), '#28000Access denied'));
        } else secured.write(askFor(next, 'mysql_clear_password'));
        asked = true;
      });
    });
  });
  return { port, heard };
}

/** A port that leads to a real server, which hears every statement as `rewrite` puts it. */
export async function rewritingServer(
  realPort: number,
  rewrite: (statement: string) => string,
): Promise<number> {
  return await listen((client) => {
    const real = connect(realPort, '127.0.0.1');
    real.on('error', () => client.destroy());
    real.on('close', () => client.destroy());
    real.on('data', (data) => client.write(data));
    client.on('close', () => real.destroy());
    onPackets(client, (said) => {
      if (said[3] !== 0 || said[4] !== 3) {
        real.write(said);
        return;
      }
      const sent = said.subarray(5);
      // How many attributes come with it, none, and in how many sets; not from every client.
      const attributes = sent[0] === 0 ? sent.subarray(0, 2) : '';
      const statement = sent.subarray(attributes.length).toString();
      real.write(packet(0, 3, attributes, rewrite(statement)));
    });
  });
}

/** The same rows again and again, many at a time. */
export function* endless(header: Buffer[], row: (sequence: number) => Buffer): Generator<Buffer> {
  yield Buffer.concat(header);
  for (let sequence = header.length + 1; ; sequence += 256) {
    yield Buffer.concat(Array.from({ length: 256 }, (_, i) => row(sequence + i)));
  }
}

async function listen(serve: (client: Socket) => void): Promise<number> {
  const clients = new Set<Socket>();
  const door = createServer((client) => {
    clients.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => clients.delete(client));
    serve(client);
  });
  onTestFinished(() => {
    door.close();
    for (const client of clients) client.destroy();
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return (door.address() as AddressInfo).port;
}

function onPackets(from: Socket, heard: (packet: Buffer) => void): void {
  let waiting = Buffer.alloc(0);
  from.on('data', (data) => {
    waiting = Buffer.concat([waiting, data]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUIntLE(0, 3)) {
      const length = 4 + waiting.readUIntLE(0, 3);
      heard(waiting.subarray(0, length));
      waiting = waiting.subarray(length);
    }
  });
}
