#!/usr/bin/env node
// Called directly, this may run on a Node too old for the program: then it hands over to the pinned one, or says so.
import { fileURLToPath } from 'node:url';
import { handOver, pinnedNode, runsTypeScript } from './hand-over.mjs';
import { whenNpmIsGone } from './when-npm-is-gone.mjs';

const here = fileURLToPath(import.meta.url);

whenNpmIsGone(() => process.kill(process.pid, 'SIGTERM'));

if (runsTypeScript(process.versions.node)) await import('../src/cli.ts');
else {
  const node = pinnedNode();
  if (node) handOver(node, [here, ...process.argv.slice(2)]);
  else {
    console.error(`lockstep needs Node 22.18 or newer; this is ${process.version}.`);
    process.exit(3);
  }
}
