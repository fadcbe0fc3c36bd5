import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findNginx } from '../binaries/programs.ts';
import { patienceMs } from '../patience.ts';
import { lastLines, run } from '../run.ts';
import { freePort, isServed } from './free-port.ts';
import { endProcess } from './guarded-process.ts';

export interface Nginx extends AsyncDisposable {
  port: number;
}

/**
 * nginx in front of something, on a port of 127.0.0.1, by default a free one. `server`: what stands in the block of the
 * server; `tls`: with a certificate that nobody knows.
 */
export async function startNginx(
  server: string,
  { tls = false, port: asked }: { tls?: boolean; port?: number } = {},
): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-nginx-'));
  await mkdir(join(folder, 'temp'));
  const port = asked ?? (await freePort());
  if (tls) await certificate(folder);
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, tls, server));
  const [program, ...leading] = await findNginx();
  const args = [...leading, '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit');
  const stop = async () => {
    await endProcess(child, 'SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  const until = performance.now() + patienceMs;
  for (; !(await isServed(port)); await delay(20)) {
    if (child.exitCode === null && performance.now() < until) continue;
    await stop();
    throw new Error(`nginx does not listen:\n${lastLines(said)}`);
  }
  void ended.catch(() => undefined);
  return { port, [Symbol.asyncDispose]: stop };
}

const configuration = (folder: string, port: number, tls: boolean, server: string) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/temp/body;
  proxy_temp_path ${folder}/temp/proxy;
  fastcgi_temp_path ${folder}/temp/fastcgi;
  uwsgi_temp_path ${folder}/temp/uwsgi;
  scgi_temp_path ${folder}/temp/scgi;
  proxy_connect_timeout ${patienceMs / 1000}s;
  proxy_send_timeout ${patienceMs / 1000}s;
  proxy_read_timeout ${patienceMs / 1000}s;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl http2' : ''};
    ${tls ? `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;` : ''}
    ${server}
  }
}
`;

async function certificate(folder: string): Promise<void> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '2'];
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ]);
}
