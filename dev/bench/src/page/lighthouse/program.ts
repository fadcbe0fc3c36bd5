import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findChromium, run } from '@lockstep/servers';

/** Fetched when it is used: nobody who installs the repository waits for it. */
const version = '13.5.0';

export const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const;
export type Category = (typeof categories)[number];

/** What of Lighthouse's own report is read here. */
export interface Report {
  runtimeError?: { message: string };
  /** `benchmarkIndex`: how fast the machine was while it measured; a desktop of today has over 1,500. */
  environment: { benchmarkIndex: number };
  categories: Record<Category, { score: number | null; auditRefs: { id: string }[] }>;
  audits: Record<string, Audit>;
}

export interface Audit {
  title: string;
  /** 0 … 1; null where there is nothing to judge. */
  score: number | null;
  scoreDisplayMode: string;
  numericValue?: number;
  displayValue?: string;
}

/** A monitor is not for search engines to find: that its `robots.txt` keeps them out is no fault. */
const notAsked = 'is-crawlable';

/**
 * What a phone four times as slow as this machine makes of the page, as Lighthouse has it everywhere, and what
 * `samePhone` makes of the very same look: the former is another phone on every machine.
 */
export interface Looked {
  asEverywhere: Report;
  onSamePhone: Report;
  /** How many times as slow as this machine that one is. */
  slower: number;
}

/**
 * A mid-tier phone by Lighthouse's benchmark index: a quarter of the middle of what its documentation gives as a fast
 * desktop's (1,500 to 2,000), for which its fourfold slowdown is meant.
 */
export const samePhone = 1_750 / 4;

/** Looks at an address as a phone does, once. */
export type Look = (address: string) => Promise<Looked>;

/** Lighthouse from the npm registry, in `folder`. Rejects with a sentence where it is not to be had. */
export async function fetchLighthouse(folder: string): Promise<Look> {
  // In the pinned Node, which is newer than what may be on PATH.
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
  const quiet = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--loglevel=error'];
  const install = ['install', '--prefix', folder, ...quiet, `lighthouse@${version}`];
  await run('npm', install, { cwd: folder, env }).catch((cause: unknown) => {
    throw new Error(`Lighthouse ${version} could not be fetched from the npm registry`, { cause });
  });
  const program = join(folder, 'node_modules/lighthouse/cli/index.js');
  if (!existsSync(program)) throw new Error(`Lighthouse ${version} has no cli/index.js`);
  const file = join(folder, 'report.json');
  const seen = join(folder, 'seen');
  const chrome = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
  const report = async (address: string, ...options: string[]) => {
    const args = [
      program,
      address,
      '--quiet',
      '--output=json',
      `--output-path=${file}`,
      `--only-categories=${categories.join(',')}`,
      `--skip-audits=${notAsked}`,
      `--chrome-flags=${chrome.join(' ')}`,
      '--no-enable-error-reporting',
      ...options,
    ];
    await run(process.execPath, args, { cwd: folder, env: { CHROME_PATH: findChromium() ?? '' } });
    const report = JSON.parse(await readFile(file, 'utf8')) as Report;
    if (report.runtimeError) throw new Error(`Lighthouse at ${address}: ${report.runtimeError.message}`);
    return report;
  };
  return async (address) => {
    const asEverywhere = await report(address, `-GA=${seen}`);
    const slower = Math.max(1, asEverywhere.environment.benchmarkIndex / samePhone);
    // The page is never slowed down while it is looked at; the phone is computed from what was seen.
    await setSlowdown(join(seen, 'artifacts.json'), slower);
    const slowdown = `--throttling.cpuSlowdownMultiplier=${slower}`;
    return { asEverywhere, onSamePhone: await report(address, `-A=${seen}`, slowdown), slower };
  };
}

/** Lighthouse judges what it saw only by the settings it was seen with. */
async function setSlowdown(artifacts: string, slower: number): Promise<void> {
  const seen = JSON.parse(await readFile(artifacts, 'utf8')) as {
    settings: { throttling: { cpuSlowdownMultiplier: number } };
  };
  seen.settings.throttling.cpuSlowdownMultiplier = slower;
  await writeFile(artifacts, JSON.stringify(seen));
}
