// Says how much JavaScript the first view of the built page loads, gzipped, and fails when it is over its budget.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const budgetKib = 150;

/** What of Vite's manifest is read here. */
interface Chunk {
  file: string;
  imports?: string[];
}

const client = join(import.meta.dirname, '../.svelte-kit/output/client');
const manifestFile = join(client, '.vite/manifest.json');
if (!existsSync(manifestFile)) {
  console.error('There is no build to measure: run npm run build -w @lockstep/web first.');
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Record<string, Chunk>;

/** The layout (node 0) and the overview (node 2, after the error page), with what starts them. */
const entries = Object.keys(manifest).filter((key) =>
  /(runtime\/client\/entry\.js|generated\/.*client.*\/app\.js|nodes\/[02]\.js)$/.test(key),
);

const files = new Set<string>();
for (const entry of entries) collect(entry);

function collect(key: string): void {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  chunk.imports?.forEach(collect);
}

const sizes = [...files]
  .filter((file) => file.endsWith('.js'))
  .map((file) => ({ file, bytes: gzipSync(readFileSync(join(client, file))).length }))
  .sort((a, b) => b.bytes - a.bytes);
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);

for (const { file, bytes } of sizes) console.log(`${(bytes / 1024).toFixed(1).padStart(7)} KiB  ${file}`);
console.log(`${(total / 1024).toFixed(1).padStart(7)} KiB  in all, gzipped; the budget is ${budgetKib} KiB`);
if (entries.length < 4) {
  console.error(`only ${entries.length} of the 4 entries were found in the manifest: this says nothing`);
  process.exit(1);
}
if (total > budgetKib * 1024) process.exit(1);
