import { createLogger } from '../log.ts';
import type { Program } from '../main.ts';
import { loadAgain, loadOrExplain } from './configuration.ts';
import { onCrash } from './crash.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { onReloadSignal, onStopSignal } from './signals.ts';

/** Whatever hangs, a stop takes no longer. */
const stopWithinMs = 5_000;

/** `lockstep serve`: resolves when told to stop, with the exit code. */
export async function serve(file: string | undefined, io: Io): Promise<number> {
  const config = loadOrExplain(file, io);
  const log = createLogger(config.log, io.stdout);
  const { promise: stopSignal, resolve: stop } = Promise.withResolvers<NodeJS.Signals>();
  using _signals = onStopSignal((signal) => {
    stop(signal);
    log.info({ signal }, `stopping on ${signal}`);
    setTimeout(() => {
      log.error({}, `not stopped after ${stopWithinMs / 1000} s: ending all the same`);
      process.exit(EXIT.failed);
    }, stopWithinMs).unref();
  });
  using _crash = onCrash(EXIT.failed, (error) => log.fatal({ err: error }, 'ended by an unexpected error'));

  const { servers, pairs } = config.engine;
  log.info(
    { file: config.file, servers: servers.length, pairs: pairs.length, node: process.version },
    'starting',
  );
  let program: Program | undefined;
  // The file was read already, and to open the history may take long: what is written meanwhile is taken up after it.
  let askedBefore = false;
  using _reload = onReloadSignal(() => {
    if (program) void program.reload('SIGHUP');
    else askedBefore = true;
  });
  try {
    // Loaded here, so that other commands need no web server.
    const { main } = await import('../main.ts');
    program = await main(config, log, () => loadAgain(file, io));
  } catch (error) {
    log.fatal({ err: error }, `cannot start: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.failed;
  }
  if (askedBefore) void program.reload('SIGHUP');
  await stopSignal;
  await program.stop();
  log.info({}, 'stopped');
  return EXIT.ok;
}
