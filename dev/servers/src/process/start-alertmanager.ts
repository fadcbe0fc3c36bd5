import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findAlertmanager } from '../binaries/alertmanager.ts';
import { patienceMs } from '../patience.ts';
import { lastLines } from '../run.ts';
import { freePort } from './free-port.ts';
import { endProcess } from './guarded-process.ts';

export interface Alertmanager extends AsyncDisposable {
  /** Where it is served. */
  url: string;
}

/** Prometheus' Alertmanager on a free port of 127.0.0.1, alone, telling nobody. */
export async function startAlertmanager(): Promise<Alertmanager> {
  const found = await findAlertmanager();
  const [program = '', ...leading] = found.command;
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  await writeFile(file, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n');
  const place = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${file}`, `--storage.path=${folder}`, `--web.listen-address=${place}`];
  const child = spawn(program, [...leading, ...args, '--cluster.listen-address='], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: found.folder,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stop = async () => {
    await endProcess(child, 'SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://${place}`;
  for (const until = performance.now() + patienceMs; !(await isReady(url)); await delay(50)) {
    if (child.exitCode === null && performance.now() < until) continue;
    await stop();
    throw new Error(`Alertmanager is not ready:\n${lastLines(said)}`);
  }
  return { url, [Symbol.asyncDispose]: stop };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/-/ready`).catch(() => null);
  await response?.body?.cancel();
  return response?.ok ?? false;
}
