import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@lockstep/servers';
import { cpuShare, largestRss, watchUsage } from '../measure/process-usage.ts';
import { atMost, plainFigure, printFigures } from '../report/figure.ts';
import { megabytes, percent, plain } from '../report/units.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startService } from './service-process.ts';

const pairs = 300;
/** In which every server is tried for the first time, and an alert of each fires. */
const firstMs = 30_000;

/** A fleet of which no server answers: what it costs to go on trying. */
export async function refusing(seconds: number, say: (text: string) => void): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  say(`${plain(2 * pairs)} servers refuse …`);
  const folder = await temporaryFolder(cleanup);
  const [noSource, noTarget, port] = [await freePort(), await freePort(), await freePort()];
  const nobody = (at: number) => ({ host: '127.0.0.1', port: at, user: 'u', password: 'p' });
  const numbers = Array.from({ length: pairs }, (_, i) => i);
  const config = join(folder, 'lockstep.json');
  const content = {
    servers: Object.fromEntries(
      numbers.flatMap((i) => [
        [`s${i}`, nobody(noSource)],
        [`t${i}`, nobody(noTarget)],
      ]),
    ),
    pairs: numbers.map((i) => ({ name: `p${i}`, source: `s${i}`, target: `t${i}` })),
    storage: { file: join(folder, 'history.db') },
    http: { port },
  };
  await writeFile(config, JSON.stringify(content), { mode: 0o600 });
  const service = await startService(folder, config, port);
  cleanup.defer(() => service.stop());
  const first = await watchUsage(service.pid, firstMs);
  const then = await watchUsage(service.pid, seconds * 1_000);
  printFigures(`${plain(2 * pairs)} servers that refuse`, [
    plainFigure('CPU, of one core, first 30 s', percent(cpuShare(first))),
    atMost('CPU, of one core, then', cpuShare(then), 0.2, percent),
    plainFigure('memory', megabytes(largestRss(then))),
  ]);
}
