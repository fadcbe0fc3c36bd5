import { findAlertmanager } from '../binaries/alertmanager.ts';
import { findOrInstall } from '../binaries/find-or-install.ts';
import { findHaproxy, findNginx, findPromtool } from '../binaries/programs.ts';
import { type Flavour, flavourName } from '../flavour.ts';
import { findOrInstallChromium } from './chromium.ts';

export interface Prerequisites {
  flavours: Flavour[];
  /** Path of the browser's program; null when there is none. */
  chromium: string | null;
  /** One sentence for each thing that could not be had, beginning with its name. */
  notRun: string[];
}

/** Finds or installs all that the tests run against, side by side. */
export async function prepare(onProgress: (line: string) => void): Promise<Prerequisites> {
  const result: Prerequisites = { flavours: [], chromium: null, notRun: [] };
  const attempt = async (name: string, work: () => Promise<void>) => {
    await work().catch((error: unknown) => {
      result.notRun.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  const server = (flavour: Flavour) =>
    attempt(flavourName[flavour], async () => {
      await findOrInstall(flavour, { onProgress });
      result.flavours.push(flavour);
    });
  const program = (name: string, find: typeof findNginx) =>
    attempt(name, async () => {
      await find(onProgress);
    });
  await Promise.all([
    server('mariadb'),
    server('mysql'),
    program('tests behind HAProxy', findHaproxy),
    program('tests behind nginx', findNginx),
    program('what is for Prometheus, by promtool', findPromtool),
    attempt('alerts to Alertmanager', async () => {
      await findAlertmanager();
    }),
    attempt('page tests', async () => {
      result.chromium = await findOrInstallChromium(onProgress);
    }),
  ]);
  result.flavours.sort();
  return result;
}
