import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether a Node of this version (`process.versions.node`) strips types without being asked. */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 22 && minor >= 18) || (major === 23 && minor >= 6) || major > 23;
}

/** The Node that the project installs with its packages; null for none. */
export function pinnedNode() {
  const node = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  return existsSync(node) ? node : null;
}

/** Replaces this process as nearly as Node can: same terminal, same signals, same exit. */
export function handOver(node, args, env = process.env) {
  // The channel tells the program when this process is gone, whatever ended it.
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (code !== null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  return child;
}
