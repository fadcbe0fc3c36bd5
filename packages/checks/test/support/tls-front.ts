import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { connect as connectTls, createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface TlsFrontOptions {
  /** What it shows to its clients. */
  certificate: SecureContextOptions;
  /** It goes on under TLS to the server, too; else it speaks to it in the open. */
  encryptsAgain: boolean;
}

const sslFlag = 0x08;
const okay = 0;
const refused = 0xff;

/** A port at which TLS ends that a client asks for, and behind which the server on `realPort` is. */
export async function tlsFront(realPort: number, options: TlsFrontOptions): Promise<number> {
  const clients = new Set<Socket>();
  const door = createServer((client) => {
    clients.add(client);
    const real = connect(realPort, '127.0.0.1');
    for (const [one, other] of [
      [client, real],
      [real, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    client.on('close', () => clients.delete(client));
    void serve(client, real, options).catch(() => client.destroy());
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  onTestFinished(() => {
    door.close();
    for (const client of clients) client.destroy();
  });
  return (door.address() as AddressInfo).port;
}

async function serve(client: Socket, real: Socket, { certificate, encryptsAgain }: TlsFrontOptions) {
  const [greeting] = (await once(real, 'data')) as [Buffer];
  // Behind the version, the number of the session, half of the scramble and a zero.
  const flags = greeting.indexOf(0, 5) + 1 + 4 + 8 + 1;
  greeting[flags + 1] = greeting[flags + 1]! | sslFlag;
  client.write(greeting);
  const [asksForTls] = (await once(client, 'data')) as [Buffer];
  const length = 4 + asksForTls.readUIntLE(0, 3);
  const front = secured(client, asksForTls.subarray(length), certificate);
  if (encryptsAgain) {
    real.write(asksForTls.subarray(0, length));
    const back = connectTls({ socket: real, rejectUnauthorized: false });
    back.on('error', () => client.destroy());
    front.pipe(back).pipe(front);
  } else logIn(front, real);
}

function secured(client: Socket, rest: Buffer, certificate: SecureContextOptions): TLSSocket {
  const [outside, inside] = duplexPair();
  outside.write(rest);
  client.pipe(outside).pipe(client);
  const front = new TLSSocket(inside, { isServer: true, secureContext: createSecureContext(certificate) });
  front.on('error', () => client.destroy());
  return front;
}

/** While the client logs in it is one packet ahead, by which it asked for TLS, of which the server knows nothing. */
function logIn(front: Duplex, real: Socket): void {
  let loggedIn = false;
  const shifted = (by: number, data: Buffer) => {
    for (let at = 0; !loggedIn && at < data.length; at += 4 + data.readUIntLE(at, 3)) {
      data[at + 3] = data[at + 3]! + by;
      loggedIn = by > 0 && (data[at + 4] === okay || data[at + 4] === refused);
    }
    return data;
  };
  let first = true;
  front.on('data', (data: Buffer) => {
    if (first) data[5] = data[5]! & ~sslFlag;
    first = false;
    real.write(shifted(-1, data));
  });
  real.on('data', (data: Buffer) => front.write(shifted(1, data)));
}
