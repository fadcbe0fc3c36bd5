#!/usr/bin/env node
// Read by whatever Node there is, so it may use nothing new before it has looked at that.
import { whenNpmIsGone } from './when-npm-is-gone.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 17)) {
  console.error(`lockstep needs Node 22.17 or newer; this is ${process.version}.`);
  process.exit(3);
}

// The history is kept with Node's own SQLite, which some of these versions call experimental at every start.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) => {
  if (!/^SQLite is an experimental feature/.test(warning)) emitWarning.call(process, warning, ...rest);
};

whenNpmIsGone(() => process.kill(process.pid, 'SIGTERM'));
await import('../lib/cli.js');
