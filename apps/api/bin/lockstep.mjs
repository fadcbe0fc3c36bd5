#!/usr/bin/env node
// Called directly, this may run on a Node too old for the program: then it hands over to the pinned one, or says so.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whenNpmIsGone } from './when-npm-is-gone.mjs';

const here = fileURLToPath(import.meta.url);

whenNpmIsGone(() => process.kill(process.pid, 'SIGTERM'));

if (runsTypeScript(process.versions.node)) await import('../src/cli.ts');
else handOver(pinnedNode());

/** Whether this Node strips types without being asked. */
function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 22 && minor >= 18) || (major === 23 && minor >= 6) || major > 23;
}

/** The Node that the project installs with its packages. */
function pinnedNode() {
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    const node = join(folder, 'node_modules', '.bin', 'node');
    if (existsSync(node)) return node;
    if (folder === dirname(folder)) break;
  }
  console.error(`lockstep needs Node 22.18 or newer; this is ${process.version}.`);
  process.exit(3);
}

/** Same terminal, same signals, same exit. */
function handOver(node) {
  // The channel tells the program when this process is gone, whatever ended it.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(node, [here, ...process.argv.slice(2)], { stdio });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])
    process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
