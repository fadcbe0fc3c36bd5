import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Scene } from './scene.ts';

/** Long enough to see the page live, and for what it asks at the start to be answered. */
const cutAfterMs = 5_000;

export interface Link {
  close(): Promise<void>;
}

/**
 * Stands between browsers and the service at `upstream` (a port of 127.0.0.1), and fails as `kind` says. The page's own
 * files always come, so that there is a page to look at.
 */
export async function brokenLink(
  port: number,
  upstream: number,
  kind: Scene['link'] & string,
): Promise<Link> {
  const sockets = new Set<Duplex>();
  let broken = kind === 'dead';
  let cutting: NodeJS.Timeout | undefined;

  /** Somebody opened the page, which begins by asking who they are: it works again, for a while. */
  const opened = () => {
    if (kind === 'dead') return;
    broken = false;
    clearTimeout(cutting);
    cutting = setTimeout(() => {
      broken = true;
      sockets.forEach((socket) => socket.destroy());
    }, cutAfterMs);
  };

  const pass = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (incoming.url === '/api/session') opened();
    if (broken && isForService(incoming)) return void incoming.socket.destroy();
    const { method, url: path, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: upstream, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  };

  const server = createServer(pass);
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (broken) return void socket.destroy();
    const onward = connect(upstream, '127.0.0.1');
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    onward.write(requestHead(incoming));
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async close() {
      clearTimeout(cutting);
      server.close();
      server.closeAllConnections();
      sockets.forEach((socket) => socket.destroy());
      await once(server, 'close');
    },
  };
}

function isForService({ url = '' }: IncomingMessage): boolean {
  return url.startsWith('/api/') || url.startsWith('/graphql');
}

function requestHead({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
