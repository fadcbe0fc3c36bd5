import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

interface Page {
  /** Of some megabytes: as bytes, which are the same ones for all who are sent them. */
  html: Buffer<ArrayBuffer>;
  brotli: Buffer<ArrayBuffer>;
  /** What the page may load: its own inline script by its hash, and the editor's workers. */
  policy: string;
  etag: string;
}

const compress = promisify(brotliCompress);

const firstQuery = `# Everything that Lockstep knows. Press Ctrl+Space for what fits, and see the docs on the left.
query Now {
  pairs {
    name
    state
    evidence
    lag { lagMs uncertaintyMs }
  }
}

# subscription Live { lag { pair lagMs evidence } }
`;

/** GraphiQL with everything it needs in one file of some megabytes: rendered at its first use, then kept. */
export function graphiqlPage(): () => Promise<Page> {
  let page: Promise<Page> | null = null;
  return () => (page ??= render());
}

async function render(): Promise<Page> {
  // Some megabytes of script that most processes never need.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'Lockstep GraphiQL',
    subscriptionsProtocol: 'WS',
    credentials: 'same-origin',
    defaultQuery: firstQuery,
  }).trimStart();
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? '';
  return {
    html: Buffer.from(html),
    brotli: await compress(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    policy: [
      "default-src 'none'",
      `script-src 'sha256-${digest(script)}' blob:`,
      'worker-src blob:',
      "style-src 'unsafe-inline' data:",
      'font-src data:',
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    etag: `"${digest(html).slice(0, 27)}"`,
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
