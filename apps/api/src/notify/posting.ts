import type { Severity } from '@lockstep/checks';
import type { Destination, Message } from './destination.ts';
import { postJson } from './post-json.ts';

/** A kind of destination that takes each message as a POST of JSON, and knows a second attempt by its key. */
export function posting(bodyOf: (message: Message) => object | Promise<object>) {
  return (
    name: string,
    url: string,
    minSeverity: Severity,
    headers: Record<string, string> = {},
  ): Destination => ({
    name,
    minSeverity,
    send: async (message, signal) =>
      postJson(url, await bodyOf(message), { ...headers, 'idempotency-key': message.key }, signal),
  });
}
