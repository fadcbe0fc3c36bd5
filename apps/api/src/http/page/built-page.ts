import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { basedShell } from './based-shell.ts';
import { screenShells } from './screen-shells.ts';

export interface PageFile {
  body: Buffer;
  /** Absent where compressing would not pay. */
  brotli: Buffer | null;
  gzip: Buffer | null;
  type: string;
  etag: string;
  /** Its name holds a hash of its content, so it never changes. */
  immutable: boolean;
}

/** The built dashboard, in memory: some dozens of files, and no path of a request ever reaches the file system. */
export interface BuiltPage {
  /** By path, e.g. `/favicon.svg`. */
  files: Map<string, PageFile>;
  /** What a path without a file of its own answers with: the page finds its own way. */
  shell(path: string): PageFile;
  /** The Content-Security-Policy of the shell, with the hashes of its inline scripts. */
  policy: string;
}

const shellFile = '/200.html';
/** What code each screen takes, as the build says. */
const screensFile = '/screens.json';

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/plain; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const compressible = /^(text|application\/(json|manifest)|image\/svg)/;

/** Reads the build; null when there is none. */
export function readBuiltPage(folder: string, basePath: string): BuiltPage | null {
  const files = new Map<string, PageFile>();
  for (const path of filesIn(folder)) {
    const extension = extname(path);
    // Compressed at build time: found below, next to the file itself.
    if (extension === '.br' || extension === '.gz') continue;
    files.set(`/${relative(folder, path).split(sep).join('/')}`, read(path));
  }
  const plain = files.get(shellFile);
  if (!plain) return null;
  files.delete(shellFile);
  const html = basedShell(plain.body.toString(), basePath);
  const other = basePath === '' ? plain : pageFile(Buffer.from(html), plain);
  const screens = screenShells(html, files.get(screensFile)?.body.toString() ?? '{}', basePath).map(
    ({ pattern, html }) => ({ pattern, file: pageFile(Buffer.from(html), plain) }),
  );
  files.delete(screensFile);
  const shell = (path: string) => screens.find(({ pattern }) => pattern.test(path))?.file ?? other;
  return { files, shell, policy: policyFor(html) };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function read(path: string): PageFile {
  const type = types[extname(path)] ?? 'application/octet-stream';
  const immutable = path.includes(`${sep}immutable${sep}`);
  return pageFile(readFileSync(path), { type, immutable }, path);
}

/** `path`: where it was compressed at build time, if it was. */
function pageFile(
  body: Buffer,
  { type, immutable }: Pick<PageFile, 'type' | 'immutable'>,
  path?: string,
): PageFile {
  const compress = compressible.test(type) && body.length > 1_024;
  const done = (ending: string) => (path === undefined ? null : built(path + ending));
  return {
    body,
    type,
    brotli: compress ? (done('.br') ?? brotli(body)) : null,
    gzip: compress ? (done('.gz') ?? gzipSync(body)) : null,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
    immutable,
  };
}

function built(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

/** Not the best there is, but quick enough to do at every start. */
function brotli(body: Buffer): Buffer {
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
}

/** The framework starts the page by an inline script that differs with every build: it is admitted by its hash. */
function policyFor(html: string): string {
  const scripts = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)];
  const hashes = scripts.map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self'",
    // Charts and popovers are placed by style attributes.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
