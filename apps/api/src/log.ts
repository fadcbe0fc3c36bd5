import type { Writable } from 'node:stream';
import { type Logger, pino, stdSerializers } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogConfig } from './config/loaded.ts';
import { LogOutlet } from './log-outlet.ts';
import { printable, printableLines } from './printable.ts';

export type { Logger } from 'pino';

/** Secrets have no business in a log; should one be handed over all the same, it stops here. */
const secretFields = ['password', 'token', 'tokenHash', 'secret', 'authorization', 'cookie', 'passwordFile'];

/** Writes lines of JSON, or text for people on a terminal. Lines that cannot be written are lost, and counted. */
export function createLogger(config: LogConfig, stream: Writable & { isTTY?: boolean }): Logger {
  const forPeople = config.format === 'pretty' || (config.format === 'auto' && stream.isTTY === true);
  const outlet = new LogOutlet(stream);
  const log = pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '••••',
      },
    },
    forPeople ? prettyLines(outlet, stream.isTTY === true) : jsonLines(outlet),
  );
  outlet.tellLost = (lines, why) =>
    log.error({ lines }, `the log could not be written (${why}): lines of it are lost`);
  return log;
}

/** Written at once, like the JSON: the last words before an end are the ones that matter. */
function prettyLines(outlet: LogOutlet, isTTY: boolean): { write(line: string): void } {
  const format = prettyFactory({
    colorize: isTTY && !process.env['NO_COLOR'],
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
    singleLine: true,
    // A line break in what a server said would begin a line that looks like one of ours.
    messageFormat: (log, key) => printable(typeof log[key] === 'string' ? log[key] : ''),
  });
  return { write: (line) => outlet.write(printableLines(format(line))) };
}

/** A terminal shows these as well, where somebody looks into them. */
function jsonLines(outlet: LogOutlet): { write(line: string): void } {
  return { write: (line) => outlet.write(printableLines(line)) };
}

/** Without the driver's extras: they hold whole statements, and so the values of rows. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = stdSerializers.err(error);
  const { code, errno } = error as NodeJS.ErrnoException;
  return { type, message, code, errno, stack: stack.replace(message, () => printable(message)) };
}
