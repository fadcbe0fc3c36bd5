import { once } from 'node:events';
import { freePort } from '@lockstep/servers/free-port';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface Mail {
  user: string | undefined;
  to: string[];
  /** Header lines unfolded, and the text as it reads. */
  text: string;
}

/** A mail server on loopback, and what it took. Once closed, nobody is there. */
export async function mailServer(options: SMTPServerOptions = {}) {
  const received: Mail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      done(
        password === 'p@ss' ? null : new Error('no'),
        password === 'p@ss' ? { user: username } : undefined,
      ),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        received.push({ user: session.user as string | undefined, to, text: readable(Buffer.concat(parts)) });
        done();
      });
    },
    ...options,
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  onTestFinished(close);
  return { received, close, place: `127.0.0.1:${port}` };
}

/** Encodings of mail undone. */
export function readable(raw: Buffer): string {
  const text = raw.toString('latin1').replaceAll('\r\n', '\n');
  const at = text.indexOf('\n\n');
  const head = text
    .slice(0, at)
    .replace(/\n\s+/g, ' ')
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?UTF-8\?([QB])\?(.*?)\?=/gi, (_, how: string, part: string) =>
      how.toUpperCase() === 'B'
        ? Buffer.from(part, 'base64').toString('latin1')
        : unquoted(part.replaceAll('_', ' ')),
    );
  let body = text.slice(at);
  if (/transfer-encoding: quoted-printable/i.test(head)) body = unquoted(body.replaceAll('=\n', ''));
  if (/transfer-encoding: base64/i.test(head)) body = Buffer.from(body, 'base64').toString('latin1');
  return Buffer.from(head + body, 'latin1').toString('utf8');
}

const unquoted = (text: string) =>
  text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
