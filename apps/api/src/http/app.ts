import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Engine, Logger } from '@lockstep/checks';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { Audit } from '../audit.ts';
import type { EventLoopDelay } from '../event-loop-delay.ts';
import { jsonInSlices } from '../json-in-slices.ts';
import type { Notifications } from '../notify/notifications.ts';
import type { Traces } from '../tracing/traces.ts';
import type { Authenticator, Caller, Credentials } from './auth/authenticator.ts';
import { oidcRoutes } from './auth/oidc-routes.ts';
import { sessionRoutes } from './auth/session-routes.ts';
import { compressed } from './compressed.ts';
import { expectedFailure } from './expected-failure.ts';
import { onlyJson, readable, takesAnswers } from './graphql/askable.ts';
import { graphiqlPage } from './graphql/graphiql.ts';
import type { ApiYoga } from './graphql/yoga.ts';
import { type Addresses, clientOf } from './guard/client.ts';
import type { Connection, Connections } from './guard/connections.ts';
import type { Guesses } from './guard/guesses.ts';
import { securityHeaders } from './guard/headers.ts';
import { bytesOf } from './guard/holdings.ts';
import { InOrder } from './guard/in-order.ts';
import type { Memory, Share } from './guard/memory.ts';
import { notAdmitted, type Origins } from './guard/origins.ts';
import { takenFrom } from './guard/taken.ts';
import { wholeBody } from './guard/whole-body.ts';
import { jsonError, signInFirst, tooManyGuesses, unknownToken } from './json-error.ts';
import { pageRoutes } from './page/page-routes.ts';
import { refusedPage } from './page/refused-page.ts';
import { alertsAnswer } from './rest/alerts.ts';
import { healthAnswer } from './rest/health.ts';
import { metricsAnswer } from './rest/metrics.ts';
import { prometheusText, prometheusType } from './rest/prometheus.ts';
import type { EventStreams } from './sockets/event-streams.ts';
import { traced } from './traced.ts';

export interface AppDeps {
  engine: Engine;
  version: string;
  notifications: Notifications;
  loopDelay: EventLoopDelay;
  yoga: ApiYoga;
  authenticator: Authenticator;
  origins: Origins;
  connections: Connections;
  memory: Memory;
  addresses: Addresses;
  guesses: Guesses;
  audit: Audit;
  /** Takes a TCP connection out of those that wait; returns how it goes back. */
  admitted: (socket: Socket) => () => void;
  graphiql: boolean;
  pageFolder: string;
  basePath: string;
  streams: EventStreams;
  /** Absent: nothing is traced. */
  traces?: Traces | undefined;
  log: Logger;
}

type Env = { Bindings: HttpBindings; Variables: { caller: Caller; guessed?: boolean; share?: Share } };

/** What can only be read. */
const reads = [
  '/api/health',
  '/api/health/live',
  '/api/health/ready',
  '/api/metrics',
  '/api/alerts',
  '/metrics',
];

/** Every HTTP route of the service. */
export function buildApp(deps: AppDeps): Hono<Env> {
  const { engine, version, authenticator, connections, addresses, guesses, log } = deps;
  const app = new Hono<Env>();
  const graphiql = graphiqlPage();

  if (deps.traces) app.use(traced(deps.traces));
  const order = new InOrder();
  app.use(async (c, next) => {
    const { incoming, outgoing } = c.env ?? {};
    const on = !incoming || !outgoing || (await order.turn(incoming, outgoing));
    return on ? next() : RESPONSE_ALREADY_SENT;
  });
  app.use(securityHeaders);
  app.use(onlyKnownNames(deps.origins));
  for (const path of ['/graphql', '/api/*', '/metrics']) app.use(path, compressed);
  app.use(
    '/api/*',
    wholeBody(10_000, (c) => jsonError(c, 413, 'TOO_LARGE', 'The body is too large.')),
  );

  const signedIn: MiddlewareHandler<Env> = async (c, next) => {
    const caller = identify(c);
    if (!caller) return notSignedIn(c);
    c.set('caller', caller);
    return next();
  };

  /** Who asks; null for nobody known, which is a guess where a token was given. */
  function identify(c: Context<Env>): Caller | null {
    const credentials = credentialsOf(c);
    const caller = authenticator.byHeaders(credentials);
    if (!caller && authenticator.givesToken(credentials)) {
      c.set('guessed', guesses.wrong(addressOf(c, addresses)));
    }
    return caller;
  }

  function notSignedIn(c: Context<Env>): Response {
    if (c.var.guessed) return tooManyGuesses(c);
    const refused = authenticator.refused(credentialsOf(c));
    if (refused) return jsonError(c, 403, 'FORBIDDEN', refused.why);
    c.header('www-authenticate', 'Bearer realm="lockstep"');
    return jsonError(c, 401, 'UNAUTHENTICATED', c.req.header('authorization') ? unknownToken : signInFirst);
  }

  app.route(
    '/api/session',
    sessionRoutes({
      authenticator,
      basePath: deps.basePath,
      audit: deps.audit,
      identify: (c) => identify(c as Context<Env>),
      refused: (c) => authenticator.refused(credentialsOf(c as Context<Env>)),
      addressOf: (c) => addressOf(c as Context<Env>, addresses),
      guessed: (c) => guesses.wrong(addressOf(c as Context<Env>, addresses)),
      onSignOut: () => connections.sweep(),
    }),
  );

  app.route(
    '/oidc',
    oidcRoutes({
      authenticator,
      basePath: deps.basePath,
      audit: deps.audit,
      log,
      addressOf: (c) => addressOf(c as Context<Env>, addresses),
      onSignOut: () => connections.sweep(),
    }),
  );

  // Probes carry no token: they learn whether it works, and whoever signed in learns why.
  app.get('/api/health', (c) => {
    const { status, body } = healthAnswer(engine, version);
    return c.json(identify(c) ? body : { ok: body.ok }, status);
  });
  app.get('/api/health/live', (c) => c.json({ ok: true }));
  app.get('/api/health/ready', (c) => {
    const { status, body } = healthAnswer(engine, version);
    return c.json({ ok: body.ok }, status);
  });

  const counted = keptOpen(deps);
  app.get('/api/metrics', signedIn, counted, (c) => jsonAnswer(c, metricsAnswer(engine, queryOf(c))));
  app.get('/api/alerts', signedIn, counted, (c) => jsonAnswer(c, alertsAnswer(engine, queryOf(c))));
  app.get('/metrics', signedIn, counted, async (c) =>
    c.body(await prometheusText(deps), 200, { 'content-type': prometheusType }),
  );
  for (const path of reads) app.all(path, (c) => notWithThisMethod(c, 'GET, HEAD'));
  app.all('/api/session', (c) => notWithThisMethod(c, 'GET, HEAD, POST, DELETE'));
  app.all('/api/*', (c) => jsonError(c, 404, 'NOT_FOUND', `There is no ${c.req.method} ${c.req.path}.`));

  app.get('/graphql', async (c, next) => {
    if (!asksForAPage(c)) return next();
    if (!deps.graphiql) return jsonError(c, 404, 'NOT_FOUND', 'GraphiQL is off.');
    if (!identify(c)) return c.redirect(`${deps.basePath}/`);
    return answerGraphiql(c, await graphiql());
  });
  app.all('/graphql', signedIn, onlyJson, takesAnswers, readable, counted, asked, holding(deps), (c) =>
    deps.yoga.fetch(c.req.raw, {
      caller: c.var.caller,
      client: clientOf(c.var.caller, addressOf(c, addresses)),
      address: addressOf(c, addresses),
      answer: c.env?.outgoing,
      onFed: () => connections.fed(clientOf(c.var.caller, addressOf(c, addresses))),
      share: c.var.share,
    }),
  );

  // For pages that a proxy lets have no WebSocket.
  app.get('/graphql/stream', signedIn, counted, (c) => {
    // Comes as a GET here, and would be answered twice.
    if (c.req.method === 'HEAD') return notWithThisMethod(c, 'GET');
    const { caller } = c.var;
    const address = addressOf(c, addresses);
    deps.streams.begin(c.env.outgoing, caller, clientOf(caller, address), address);
    return RESPONSE_ALREADY_SENT;
  });
  app.post('/graphql/stream/:id', streamed, signedIn, onlyJson, async (c) => {
    const client = clientOf(c.var.caller, addressOf(c, addresses));
    const told = deps.streams.tell(c.req.param('id'), client, await c.req.text());
    return told ? c.body(null, 204) : jsonError(c, 404, 'NOT_FOUND', 'There is no such stream, or no more.');
  });

  app.get('/ws', (c) => {
    c.header('upgrade', 'websocket');
    return jsonError(c, 426, 'INVALID', 'This address speaks WebSocket only.');
  });

  app.route('/', pageRoutes({ folder: deps.pageFolder, basePath: deps.basePath, log }));

  // What is read is found: the page answers everything else.
  app.notFound((c) => notWithThisMethod(c, 'GET, HEAD'));
  app.onError((error, c) => {
    const failure = expectedFailure(error);
    if (!failure || failure.status >= 500) log.error({ err: error, path: c.req.path }, 'a request failed');
    if (failure) return jsonError(c, failure.status, failure.code, failure.message);
    return jsonError(c, 500, 'INTERNAL', 'Unexpected error.');
  });
  return app;
}

function notWithThisMethod(c: Context, allowed: string): Response {
  c.header('allow', allowed);
  const message = `${c.req.path} cannot be asked with ${c.req.method}; allowed are: ${allowed}.`;
  return jsonError(c, 405, 'INVALID', message);
}

/** However large, others have their turns while it is written. */
async function jsonAnswer(c: Context, answer: object): Promise<Response> {
  const text = (await jsonInSlices(answer, Infinity)) ?? '';
  return c.body(text, 200, { 'content-type': 'application/json' });
}

function addressOf(c: Context<Env>, addresses: Addresses): string {
  const incoming = c.env?.incoming;
  return incoming ? addresses.of(incoming) : '';
}

function credentialsOf(c: Context<Env>): Credentials {
  return {
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
    request: c.env?.incoming,
  };
}

function queryOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams;
}

/** What is reckoned for whoever asks. The page and GraphiQL are files, which a link elsewhere may lead to. */
function isAnswer(c: Context): boolean {
  const { path } = c.req;
  if (path === '/graphql') return !asksForAPage(c);
  return path === '/metrics' || path.startsWith('/graphql/') || path.startsWith('/api/');
}

/**
 * Its scripts and styles, which tell nobody anything: any site may link to them. A browser sends Origin with them, and
 * behind a proxy that passes on no Host the page can say what is refused only when it has them.
 */
function isOfThePage(c: Context): boolean {
  return c.req.path.startsWith('/_app/');
}

function asksForAPage(c: Context): boolean {
  return c.req.header('accept')?.includes('text/html') ?? false;
}

/** As much as a WebSocket takes. */
const streamed = wholeBody(64 * 1024, (c) => jsonError(c, 413, 'TOO_LARGE', 'The message is too large.'));

const asked = wholeBody(100_000, (c) =>
  c.json({ errors: [{ message: 'The question is too large.', extensions: { code: 'TOO_LARGE' } }] }, 413),
);

/** Refuses foreign names and foreign pages; answers the browsers' questions for pages that are admitted. */
function onlyKnownNames(origins: Origins): MiddlewareHandler {
  const answerCors = cors({
    origin: (origin) => (origins.isAllowedSite(origin) ? origin : null),
    allowMethods: ['GET', 'POST', 'DELETE'],
    allowHeaders: ['authorization', 'content-type'],
    credentials: true,
  });
  return async (c, next) => {
    const host = c.req.header('host');
    const origin = c.req.header('origin');
    if (!origins.mayBeCalled(host)) {
      return asksForAPage(c) ? refusedPage(c, host ?? '') : jsonError(c, 403, 'FORBIDDEN', notAdmitted.host);
    }
    const site = isAnswer(c) ? c.req.header('sec-fetch-site') : undefined;
    if (!isOfThePage(c) && !origins.mayCall(origin, host, site)) {
      return jsonError(c, 403, 'FORBIDDEN', notAdmitted.originFor(origin, host));
    }
    return origin !== undefined && origins.isAllowedSite(origin) ? answerCors(c, next) : next();
  };
}

/** An answer under way stays open like a socket, a subscription for long, and is counted and ended like one. */
function keptOpen({
  connections,
  addresses,
  admitted,
}: Pick<AppDeps, 'connections' | 'addresses' | 'admitted'>): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { outgoing, incoming } = c.env ?? {};
    if (!outgoing || !incoming) return next();
    const cut = () => void outgoing.destroy();
    const unread = () => outgoing.writableLength;
    const connection: Connection = {
      caller: c.var.caller,
      close: cut,
      cut,
      unread,
      taken: () => takenFrom(outgoing.socket),
    };
    const client = clientOf(c.var.caller, addressOf(c, addresses));
    const release = connections.admit(client, connection);
    if (!release) return jsonError(c, 429, 'TOO_MANY', connections.tooMany);
    const goBack = admitted(incoming.socket);
    outgoing.once('close', () => {
      release();
      goBack();
    });
    outgoing.once('prefinish', () => connections.fed(client));
    return next();
  };
}

/** What is asked is in memory for as long as it is worked on, or its answer lasts. */
function holding({ memory, addresses }: Pick<AppDeps, 'memory' | 'addresses'>): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { outgoing, incoming } = c.env ?? {};
    if (!outgoing || !incoming) return next();
    const cut = () => void outgoing.destroy();
    const share = memory.enter(clientOf(c.var.caller, addressOf(c, addresses)), cut);
    const closed = new Promise((resolve) => {
      if (outgoing.closed) resolve(true);
      else outgoing.once('close', resolve);
    });
    const { rawBody } = incoming as IncomingMessage & { rawBody?: Buffer };
    share.add(bytesOf(rawBody ?? Buffer.from(c.req.url)));
    c.set('share', share);
    try {
      if (share.isTooMuch) return jsonError(c, 429, 'TOO_MANY', tooMuchHeld);
      return await next();
    } finally {
      void closed.then(() => share.leave());
    }
  };
}

const tooMuchHeld = 'Your other questions hold too much already: ask again when they are over.';

function answerGraphiql(c: Context, page: Awaited<ReturnType<ReturnType<typeof graphiqlPage>>>): Response {
  c.header('content-security-policy', page.policy);
  c.header('cache-control', 'no-cache');
  c.header('vary', 'accept, accept-encoding');
  c.header('etag', page.etag);
  if (c.req.header('if-none-match') === page.etag) return c.body(null, 304);
  c.header('content-type', 'text/html; charset=utf-8');
  if (!c.req.header('accept-encoding')?.includes('br')) return c.body(page.html);
  c.header('content-encoding', 'br');
  return c.body(page.brotli);
}
