import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findHaproxy } from './binaries/programs.ts';
import { patienceMs } from './patience.ts';
import { freePort, isServed } from './process/free-port.ts';
import { spawnGuarded } from './process/guarded-process.ts';
import { guard } from './process/guardian.ts';

export interface Haproxy {
  port: number;
  remove(): Promise<void>;
}

/** HAProxy before ports of 127.0.0.1 that take connections in turn; it ends those that are idle for `idleMs`. */
export async function startHaproxy(ports: readonly number[], idleMs: number): Promise<Haproxy> {
  const command = await findHaproxy();
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-haproxy-'));
  const guardian = guard(folder);
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  await writeFile(
    file,
    `global
  maxconn 200
defaults
  mode tcp
  timeout connect 5s
  timeout client ${idleMs}ms
  timeout server ${idleMs}ms
listen servers
  bind 127.0.0.1:${port}
  balance roundrobin
${ports.map((to, i) => `  server s${i} 127.0.0.1:${to}\n`).join('')}`,
  );
  spawnGuarded(folder, [...command, '-db', '-f', file], { stdio: 'ignore' });
  for (const deadline = performance.now() + patienceMs; !(await isServed(port)); await delay(20)) {
    if (performance.now() > deadline) {
      await guardian.finish();
      throw new Error('HAProxy does not listen');
    }
  }
  return { port, remove: () => guardian.finish() };
}
