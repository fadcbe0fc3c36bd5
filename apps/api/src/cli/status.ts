import { printable, printableJson } from '../printable.ts';
import { EXIT } from './exit-code.ts';
import { type Io, UsageError } from './io.ts';
import { tokenFrom } from './token.ts';

export interface StatusOptions {
  url: string;
  tokenFile?: string;
  format: 'text' | 'json';
}

interface Status {
  pairs: {
    name: string;
    state: string;
    evidence: string;
    lag: { lagMs: number | null } | null;
    tables: { total: number; match: number; different: number; schemaDiffers: number; missing: number };
  }[];
  alerts: { nodes: { severity: string; summary: string; evidence: string }[] };
}

const timeoutMs = 10_000;

const query = `{
  pairs {
    name state evidence lag { lagMs }
    tables: tableCounts { total match different schemaDiffers missing }
  }
  alerts(states: [FIRING], first: 200) { nodes { severity summary evidence } }
}`;

/** `lockstep status`: what a running service knows, without a look at the servers. */
export async function status(options: StatusOptions, io: Io): Promise<number> {
  const token = tokenFrom(options.tokenFile, io);
  let known: Status;
  try {
    known = await ask(addressOf(options.url), token);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    io.stderr.write(`${printable(`${options.url}: ${reasonOf(error)}`)}\n`);
    return EXIT.unverified;
  }
  io.stdout.write(options.format === 'json' ? printableJson(known) : `${linesOf(known).join('\n')}\n`);
  if (known.alerts.nodes.some(({ severity }) => severity === 'CRITICAL')) return EXIT.different;
  return known.alerts.nodes.length > 0 ? EXIT.unverified : EXIT.ok;
}

/** Under whatever path the service is served. */
function addressOf(url: string): URL {
  const asked = /^https?:/.test(url) ? URL.parse(url) : null;
  if (!asked) {
    throw new UsageError(`--url ${withoutAccount(url)}: expected an address such as http://127.0.0.1:8080`);
  }
  // No request takes one, and the address is shown.
  if (asked.username !== '' || asked.password !== '') {
    throw new UsageError(
      `--url ${withoutAccount(url)}: no account can stand there; the token is given by $LOCKSTEP_TOKEN or --token-file FILE`,
    );
  }
  return new URL('graphql', url.endsWith('/') ? url : `${url}/`);
}

const withoutAccount = (url: string): string => url.replace(/^(\w+:\/\/)?.*@/s, '$1••••@');

async function ask(address: URL, token: string | null): Promise<Status> {
  const response = await fetch(address, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  if (response.status === 401 || response.status === 403) {
    throw new Error(`it answers ${response.status}: give a token by $LOCKSTEP_TOKEN or --token-file FILE`);
  }
  const answer = (await response.json().catch(() => null)) as {
    data?: Status | null;
    errors?: { message: string }[];
  } | null;
  if (answer?.data) return answer.data;
  throw new Error(answer?.errors?.[0]?.message ?? `it answers ${response.status}, and nothing of Lockstep's`);
}

function reasonOf(error: unknown): string {
  const { cause, message, name } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return cause instanceof Error ? cause.message : message;
}

function linesOf({ pairs, alerts }: Status): string[] {
  const width = Math.max(0, ...pairs.map(({ name }) => name.length));
  return [
    ...pairs.map(({ name, state, evidence, lag, tables }) => {
      const seconds =
        lag?.lagMs == null ? 'unknown' : `${(lag.lagMs / 1000).toFixed(lag.lagMs === 0 ? 0 : 1)} s`;
      const word = state.toLowerCase().replaceAll('_', '-');
      const differ = tables.different + tables.schemaDiffers + tables.missing;
      const counts = `${tables.match} of ${tables.total} tables match${differ > 0 ? `, ${differ} do not` : ''}`;
      return printable(
        `${name.padEnd(width)}  ${seconds.padStart(9)}  ${word.padEnd(14)}  ${counts}  ${evidence}`,
      );
    }),
    ...alerts.nodes.map(({ severity, summary, evidence }) =>
      printable(`${severity}  ${summary}: ${evidence}`),
    ),
  ];
}
