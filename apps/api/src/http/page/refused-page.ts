import type { Context } from 'hono';
import { html } from 'hono/html';
import { notAdmitted } from '../guard/origins.ts';
import { policy, styleTag } from './plain-page.ts';

/** For a person whose browser asked by a name that is not admitted: why, and what admits it. */
export function refusedPage(c: Context, host: string): Response | Promise<Response> {
  c.header('content-security-policy', policy);
  // What is in front of us may be reached by https; the browser's address line says so.
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <title>Lockstep</title>
          ${styleTag}
        </head>
        <body>
          <main>
            <h1>Lockstep is not known by the name ${host}</h1>
            <p>${notAdmitted.host}</p>
            <p>In the configuration, with https where this page was opened with it:</p>
            <pre>
http:
  allowedOrigins: [http://${host}]</pre>
          </main>
        </body>
      </html> `,
    403,
  );
}
