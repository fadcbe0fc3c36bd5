import { unescape as decoded } from 'node:querystring';
import { whenListened } from '@lockstep/checks';
import { jsonInSlices } from '../json-in-slices.ts';
import { said, secretsOf } from '../said.ts';
import { NotDelivered } from './destination.ts';

const timeoutMs = 10_000;
/** The server understood the request and will not have this content. */
const refusesContent = new Set([400, 413, 422]);

/**
 * One POST; anything but a 2xx is NotDelivered. Follows no redirect: what is sent goes where the configuration says.
 * `keys`: what is secret of the body; of the address and the headers everything is.
 */
export async function postJson(
  url: string,
  body: object,
  headers: Record<string, string>,
  signal: AbortSignal,
  keys: readonly string[] = [],
): Promise<void> {
  const { address, login } = addressOf(url);
  const response = await request(address, body, { ...headers, ...login }, signal);
  await response.body?.cancel();
  if (response.ok) return;
  const secrets = [...keys, ...secretsOf(url, { ...headers, ...login })];
  throw new NotDelivered(`it answered ${response.status} ${said(response.statusText, secrets)}`.trimEnd(), {
    final: refusesContent.has(response.status),
    retryAfterMs: retryAfter(response),
  });
}

/** An account that stands in the address is what `Authorization` is for: fetch takes no such address. */
function addressOf(url: string): { address: string; login: Record<string, string> } {
  const address = new URL(url);
  const { username, password } = address;
  if (username === '' && password === '') return { address: url, login: {} };
  address.username = address.password = '';
  const account = [username, password].map((part) => decoded(part)).join(':');
  return {
    address: address.href,
    login: { authorization: `Basic ${Buffer.from(account).toString('base64')}` },
  };
}

async function request(
  url: string,
  body: object,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  // Of thousands of alerts in one message it takes long, and all destinations have theirs at one moment.
  const text = wellFormed((await jsonInSlices(body, Infinity)) ?? '');
  // By a timer alone an answer that lies there since this process was held up would be none, and told once more.
  const late = new AbortController();
  const callOff = whenListened(timeoutMs, () => late.abort());
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'lockstep', ...oneOfEach(headers) },
      body: text,
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new NotDelivered(late.signal.aborted ? `no answer within ${timeoutMs / 1_000} s` : reason(error));
  } finally {
    callOff();
  }
}

/** Half of a character, which JSON can write and many a reader refuses together with all else, is none. */
function wellFormed(json: string): string {
  if (!json.includes(String.raw`\ud`)) return json;
  return json.replace(/\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g, (escape) =>
    escape.startsWith(String.raw`\ud`) ? '\ufffd' : escape,
  );
}

/** Names mean the same in any case, and the last one counts: fetch would send both. */
function oneOfEach(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Error texts of fetch can hold the whole address. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? `it cannot be reached (${code})` : 'it cannot be reached';
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return seconds > 0 ? Math.min(seconds, 3_600) * 1_000 : null;
}
