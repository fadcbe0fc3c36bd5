import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { html, raw } from 'hono/html';

const style =
  ':root { color-scheme: light dark } body { background: Canvas; color: CanvasText; font: 1rem/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 40rem; padding: 0 1rem }';
/** As one text: the policy admits these very bytes. */
export const styleTag = raw(`<style>${style}</style>`);
export const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`;

/** A page that says one thing to a person, whatever of Lockstep's own page there is. */
export function plainPage(
  c: Context,
  status: 400 | 403 | 404 | 429 | 502,
  title: string,
  sentence: string,
  link: { href: string; words: string },
): Response | Promise<Response> {
  c.header('content-security-policy', policy);
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>${title} · Lockstep</title>
          ${styleTag}
        </head>
        <body>
          <main>
            <h1>${title}</h1>
            <p>${sentence}</p>
            <p><a href="${link.href}">${link.words}</a></p>
          </main>
        </body>
      </html> `,
    status,
  );
}
