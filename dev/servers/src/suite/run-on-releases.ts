import { findOrInstall } from '../binaries/find-or-install.ts';
import { otherReleases } from '../flavour.ts';
import { add, type Tally } from './report.ts';
import { runTests, type TestRun } from './run-tests.ts';
import { testedWorkspaces } from './workspaces.ts';

/** What depends on a server's version. */
const engine = '@lockstep/checks';

/**
 * The engine's tests on real servers, as they are, on MariaDB's other releases, one after the other. A release that
 * cannot be had is a sentence in `notRun`.
 */
export async function runOnReleases(
  { turboArgs, env, say }: Omit<TestRun, 'lane' | 'release'>,
  notRun: string[],
): Promise<Tally> {
  let sum: Tally = { passed: 0, failed: 0, skipped: 0, problems: [] };
  const workspaces = await testedWorkspaces(turboArgs);
  if (!workspaces.some(({ name }) => name === engine)) return sum;
  for (const release of otherReleases) {
    try {
      await findOrInstall('mariadb', { release, onProgress: say });
    } catch (error) {
      notRun.push(error instanceof Error ? error.message : String(error));
      continue;
    }
    sum = add(sum, await runTests({ lane: 'servers', turboArgs: [`--filter=${engine}`], release, env, say }));
  }
  return sum;
}
