import { progress } from '@lockstep/servers';
import { UsageError } from './options.ts';
import { stopSignal } from './stop-signal.ts';
import { type Parts, untilStopped } from './until-stopped.ts';

type Start = (
  say: (line: string) => void,
  cleanup: AsyncDisposableStack,
  /** To be called when there is nothing left to do: as good as being told to stop. */
  finish: () => void,
) => Promise<Parts>;

/**
 * The whole life of a program that starts something and runs until it is told to stop: exit code 0 when it was told, 1
 * when a part of it ended by itself, 3 for a mistake in how it was called. `name` begins the sentence that says so.
 */
export async function runProgram(name: string, usage: string, start: Start): Promise<never> {
  const say = progress();
  try {
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
    const stop = Promise.race([stopSignal(), finished]);
    await untilStopped((cleanup) => start(say, cleanup, finish), say, stop);
    say('Everything has ended and nothing is left behind');
    process.exit(0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(
      error instanceof UsageError ? `${message}\nusage: ${usage}` : `${name} has ended: ${message}`,
    );
    process.exit(error instanceof UsageError ? 3 : 1);
  }
}
