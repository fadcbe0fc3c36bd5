import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../cache.ts';
import { withFileLock } from '../file-lock.ts';
import { patienceMs } from '../patience.ts';
import { run } from '../run.ts';

/**
 * The same engine without windows, which nobody sees in tests, and a third of the work; that is what Playwright, too,
 * takes for itself.
 */
const headless = 'chromium-headless-shell';

/** A Chromium to run page tests in: `LOCKSTEP_CHROMIUM`, or one on PATH; null for none. */
export function findChromium(): string | null {
  const { LOCKSTEP_CHROMIUM, PATH = '' } = process.env;
  if (LOCKSTEP_CHROMIUM) return LOCKSTEP_CHROMIUM;
  for (const name of [headless, 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) {
    for (const folder of PATH.split(':')) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return null;
}

/**
 * For Playwright, which adds what keeps a browser from asking anybody on its own. Throws a sentence where there is
 * none.
 */
export function chromiumToLaunch(): { executablePath: string; timeout: number; args: string[] } {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error('this needs Chromium: put "chromium" on PATH, or set LOCKSTEP_CHROMIUM');
  }
  return {
    executablePath,
    timeout: patienceMs,
    // Root may not use its sandbox; there is no screen; and a service on one port is asked over TCP alone.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
  };
}

/**
 * The same, installed with apt where there is none. A browser, unlike the database servers, does not run from a folder
 * that it was unpacked into, so this one needs root. Rejects with a sentence that says what to install.
 */
export async function findOrInstallChromium(onProgress: (line: string) => void): Promise<string> {
  const found = findChromium();
  if (found) return found;
  const advice =
    'there is no Chromium here: install it so that "chromium" is on PATH, or set LOCKSTEP_CHROMIUM';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(advice);
  const started = performance.now();
  onProgress('Installing Chromium with apt-get, for the page tests …');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await mkdir(cacheFolder(), { recursive: true });
    // Whoever was faster has installed it for both.
    await withFileLock(join(cacheFolder(), 'chromium.lock'), async () => {
      if (findChromium()) return;
      await run('apt-get', ['-qq', 'update'], { env });
      const patient = ['-o', `DPkg::Lock::Timeout=${patienceMs / 1000}`];
      const install = (name: string) =>
        run('apt-get', ['-qq', '-y', ...patient, '--no-install-recommends', 'install', name], { env });
      // Not every system has it apart.
      await install(headless).catch(() => install('chromium'));
    });
  } catch (cause) {
    throw new Error(`${advice} (apt-get could not install it)`, { cause });
  }
  const installed = findChromium();
  if (!installed) throw new Error(advice);
  onProgress(`Installed Chromium in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return installed;
}
