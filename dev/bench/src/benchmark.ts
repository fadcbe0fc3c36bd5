import { progress } from '@lockstep/servers';
import { UsageError } from './options.ts';
import { missedTargets } from './report/figure.ts';
import { machine } from './report/machine.ts';

export type Say = (line: string) => void;

/**
 * Runs a benchmark to its end, and this process with it: exit code 0 when it could measure, whatever it measured; 1
 * when it could not; 3 when it was called wrongly. Servers end with `cleanup`, or with this process however that
 * ends.
 */
export async function benchmark(
  usage: string,
  limitMinutes: number,
  work: (say: Say, cleanup: AsyncDisposableStack) => Promise<void>,
): Promise<never> {
  const say = progress();
  setTimeout(() => {
    console.error(`The benchmark is given up: it took longer than ${limitMinutes} minutes`);
    process.exit(1);
  }, limitMinutes * 60_000).unref();
  try {
    say(`at the start: ${machine()}`);
    {
      await using cleanup = new AsyncDisposableStack();
      await work(say, cleanup);
      console.log('');
      say(`at the end: ${machine()}`);
    }
    const missed = missedTargets();
    say(
      missed === 0 ? 'Every target is met' : `${missed} ${missed === 1 ? 'target is' : 'targets are'} missed`,
    );
    process.exit(0);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\nusage: ${usage}`);
      process.exit(3);
    }
    console.error('The benchmark failed:', error);
    process.exit(1);
  }
}
