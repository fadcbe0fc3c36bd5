import { createHash } from 'node:crypto';
import type { Logger } from '@lockstep/checks';
import { type Context, Hono } from 'hono';
import { type BuiltPage, type PageFile, readBuiltPage } from './built-page.ts';

interface PageDeps {
  /** Where the dashboard's build lies. */
  folder: string;
  /** What the page's addresses begin with. */
  basePath: string;
  log: Logger;
}

const notBuiltStyle = 'body { font: 1rem/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 40rem }';
const notBuiltPage = (basePath: string) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Lockstep</title><style>${notBuiltStyle}</style></head>
  <body>
    <h1>Lockstep is running</h1>
    <p>Its page has not been built yet. Run <code>npm run build</code>, then load this page again.</p>
    <p>The API is here already: <a href="${basePath}/graphql">GraphQL</a>, <a href="${basePath}/api/health">health</a>.</p>
  </body>
</html>
`;
const notBuiltPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(notBuiltStyle).digest('base64')}'; frame-ancestors 'none'`;

/** The dashboard: its files, and its shell for every other path. Looks again while it has not been built. */
export function pageRoutes({ folder, basePath, log }: PageDeps): Hono {
  let page = readBuiltPage(folder, basePath);
  if (!page) log.warn({ folder }, 'the page has not been built: run npm run build');

  const routes = new Hono();
  routes.get('*', (c) => {
    page ??= readBuiltPage(folder, basePath);
    if (!page) return notBuilt(c, basePath);
    const file = page.files.get(c.req.path);
    if (file) return answer(c, file);
    // A missing asset is missing: the shell in its place would be taken for a broken script.
    if (c.req.path.startsWith('/_app/')) return c.text('Not found', 404);
    return shell(c, page);
  });
  return routes;
}

function shell(c: Context, page: BuiltPage): Response {
  c.header('content-security-policy', page.policy);
  return answer(c, page.shell(c.req.path));
}

function answer(c: Context, file: PageFile): Response {
  c.header('content-type', file.type);
  c.header('etag', file.etag);
  c.header('vary', 'accept-encoding');
  c.header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (c.req.header('if-none-match') === file.etag) return c.body(null, 304);
  const accepted = c.req.header('accept-encoding') ?? '';
  if (file.brotli && /\bbr\b/.test(accepted)) {
    c.header('content-encoding', 'br');
    return c.body(bytes(file.brotli));
  }
  if (file.gzip && /\bgzip\b/.test(accepted)) {
    c.header('content-encoding', 'gzip');
    return c.body(bytes(file.gzip));
  }
  return c.body(bytes(file.body));
}

function bytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return buffer as Buffer<ArrayBuffer>;
}

function notBuilt(c: Context, basePath: string): Response {
  c.header('content-security-policy', notBuiltPolicy);
  return c.html(notBuiltPage(basePath), 503);
}
