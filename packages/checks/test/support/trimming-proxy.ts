import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** A port that leads to a server, and takes away the spaces at the ends of what that answers. */
export function trimmingProxy(serverPort: number): Promise<number> {
  return changingProxy(serverPort, (value) => value.replace(spaces, ''));
}

/** A port that leads to a server, and answers with other values in the place of that one's. */
export async function changingProxy(serverPort: number, change: (value: string) => string): Promise<number> {
  const door = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    let isLoggedIn = false;
    let waiting = Buffer.alloc(0);
    client.on('data', (data) => {
      isLoggedIn ||= data[3] === 0 && data[4] === comQuery;
      server.write(data);
    });
    server.on('data', (data) => {
      if (!isLoggedIn) return void client.write(data);
      waiting = Buffer.concat([waiting, data]);
      for (let end; waiting.length >= 4 && waiting.length >= (end = 4 + waiting.readUIntLE(0, 3));) {
        const body = changed(waiting.subarray(4, end), change);
        const head = Buffer.from([0, 0, 0, waiting.readUInt8(3)]);
        head.writeUIntLE(body.length, 0, 3);
        client.write(Buffer.concat([head, body]));
        waiting = waiting.subarray(end);
      }
    });
  });
  onTestFinished(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return (door.address() as AddressInfo).port;
}

const comQuery = 3;
const isNull = 0xfb;
const spaces = / +$/;

/** What a column is called begins so. */
const ofColumn = Buffer.from('\u0003def');

/** The same where it is no row, or has a long value. */
function changed(packet: Buffer, change: (value: string) => string): Buffer {
  if (packet.subarray(0, 4).equals(ofColumn)) return packet;
  const values: Buffer[] = [];
  for (let at = 0; at < packet.length;) {
    const length = packet.readUInt8(at++);
    if (length === isNull) {
      values.push(Buffer.from([isNull]));
      continue;
    }
    if (length > isNull || at + length > packet.length) return packet;
    const value = change(packet.subarray(at, (at += length)).toString('latin1'));
    values.push(Buffer.from([value.length]), Buffer.from(value, 'latin1'));
  }
  return Buffer.concat(values);
}
