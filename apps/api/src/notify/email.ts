import { createHash } from 'node:crypto';
import { unescape as decoded } from 'node:querystring';
import { beginOf, type Severity, whenListened } from '@lockstep/checks';
import { createTransport, type NodemailerError } from 'nodemailer';
import { isLoopback } from '../config/loopback.ts';
import { printable } from '../printable.ts';
import { said } from '../said.ts';
import { type Destination, type Message, NotDelivered } from './destination.ts';
import { boundIntake } from './smtp-intake.ts';
import { headline, lines, type Told } from './wording.ts';

boundIntake();

const timeoutMs = 10_000;
/** For all of a mail, however often something comes meanwhile. */
const longestMs = 60_000;

export interface Letter {
  from: string;
  to: readonly string[];
}

/** Mail by SMTP. `url`: `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte. */
export function email(
  name: string,
  url: string,
  minSeverity: Severity,
  { from, to }: Letter,
  headers: Record<string, string> = {},
): Destination {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = decoded(hostname).replace(/^\[|\]$/g, '');
  const secure = protocol === 'smtps:';
  const account = { user: decoded(username), pass: decoded(password) };
  return {
    name,
    minSeverity,
    send: async (message, signal) => {
      // One connection a message: with grouping they are few, and none has to be kept.
      const transport = createTransport({
        host,
        port: port === '' ? (secure ? 465 : 587) : Number(port),
        secure,
        // Neither alerts nor the password in clear over a network.
        requireTLS: !secure && !isLoopback(host),
        ignoreTLS: !secure && isLoopback(host),
        ...(username !== '' && { auth: { user: account.user, pass: account.pass } }),
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        // A timer of the library's own is due before an answer that lies there since this process was held up, and a
        // mail that was taken would come once more.
        socketTimeout: 2 * longestMs,
        dnsTimeout: timeoutMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const late = new AbortController();
      const callOff = whenListened(longestMs, () => late.abort());
      try {
        const { rejected } = await transport.sendMail({
          from,
          to: [...to],
          headers,
          ...mail(message, from),
          // It ends the connection, too: one to a server that goes on saying something would stay.
          signal: AbortSignal.any([signal, late.signal]),
        });
        if (rejected.length === 0) return undefined;
        return `not for ${rejected.map(printable).join(', ')}`;
      } catch (error) {
        signal.throwIfAborted();
        if (late.signal.aborted) throw new NotDelivered(`it was not done within ${longestMs / 1_000} s`);
        throw notDelivered(error, [account.pass, `\0${account.user}\0${account.pass}`]);
      } finally {
        callOff();
        transport.close();
      }
    },
  };
}

/** What is the same for every attempt has one Message-ID, and all mails about one group are one conversation. */
export function mail(message: Told & Pick<Message, 'key'>, from: string) {
  const domain = /@([^\s<>@]+?)>?\s*$/.exec(from)?.[1] ?? 'lockstep';
  const id = (text: string) => `<${createHash('sha256').update(text).digest('hex').slice(0, 32)}@${domain}>`;
  const subject = `[Lockstep] ${headline(message)}`;
  const parts = [...lines(message), ...(message.link ? ['', message.link] : [])];
  return {
    subject: subject.length > 200 ? `${beginOf(subject, 199)}…` : subject,
    text: `${[headline(message), '', ...parts].join('\n')}\n`,
    messageId: id(message.key),
    references: [id(message.group?.key ?? message.alert.id)],
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Errors of SMTP hold what the server said; `secrets`: what it was told, and may have quoted. */
function notDelivered(error: unknown, secrets: readonly string[]): NotDelivered {
  const { code, originalCode, responseCode, response, message } = error as NodemailerError;
  if (responseCode !== undefined) {
    const isContent = code === 'EENVELOPE' || code === 'EMESSAGE';
    return new NotDelivered(`it answered ${said(response ?? message, secrets)}`, {
      final: isContent && responseCode >= 500,
    });
  }
  if (code === 'EPROTOCOL') return new NotDelivered('it says what is not SMTP, or more than a mail takes');
  if (code === 'ETIMEDOUT') return new NotDelivered(`no answer within ${timeoutMs / 1_000} s`);
  if (code === 'ETLS') return new NotDelivered('it offers no TLS (STARTTLS) that can be trusted');
  return new NotDelivered(`it cannot be reached (${originalCode ?? code ?? 'for no reason given'})`);
}
