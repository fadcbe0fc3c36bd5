import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface MailServer {
  /** Where it listens: host and port. */
  place: string;
  /** Subjects and texts as they read, in the order in which they came. */
  received: { subject: string; text: string }[];
  close(): Promise<void>;
}

/** Somebody's mail, on loopback. */
export async function startMailServer(): Promise<MailServer> {
  const received: MailServer['received'] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    logger: false,
    onData(stream, _session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        received.push(asRead(Buffer.concat(parts).toString('latin1').replaceAll('\r\n', '\n')));
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    place: `127.0.0.1:${port}`,
    received,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** Encodings of mail undone, as far as Lockstep uses them. */
function asRead(raw: string): { subject: string; text: string } {
  const at = raw.indexOf('\n\n');
  const head = raw.slice(0, at).replace(/\n\s+/g, ' ');
  const subject = /^subject: (.*)$/im.exec(head)?.[1] ?? '';
  const words = subject
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?UTF-8\?([QB])\?(.*?)\?=/gi, (_, how: string, part: string) =>
      how.toUpperCase() === 'B' ? fromBase64(part) : unquoted(part.replaceAll('_', ' ')),
    );
  let text = raw.slice(at + 2);
  if (/transfer-encoding: quoted-printable/i.test(head)) text = unquoted(text.replaceAll('=\n', ''));
  if (/transfer-encoding: base64/i.test(head)) text = fromBase64(text);
  return { subject: utf8(words), text: utf8(text) };
}

const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString('latin1');
const utf8 = (text: string) => Buffer.from(text, 'latin1').toString('utf8');
const unquoted = (text: string) =>
  text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
