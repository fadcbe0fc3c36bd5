import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { isatty } from 'node:tty';

/** Shells and npm pass on a signal that the terminal sent to everyone: what comes this soon after is its echo. */
const echoMs = 500;

/**
 * Calls `onFirst` at the first SIGINT or SIGTERM; a second one ends the process at once, so that nobody has to wait
 * for what hangs. That whoever started the process and keeps a channel to it is gone counts as SIGTERM. Disposing
 * gives the signals back to the platform.
 */
export function onStopSignal(onFirst: (signal: NodeJS.Signals) => void): Disposable {
  let first: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = performance.now();
      onFirst(signal);
    } else if (performance.now() - first > echoMs) process.exit(exitCodeOf(signal));
  };
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  const onDisconnect = () => listener('SIGTERM');
  for (const signal of signals) process.on(signal, listener);
  process.on('disconnect', onDisconnect);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, listener);
      process.off('disconnect', onDisconnect);
    },
  };
}

/**
 * Calls `onReload` at every SIGHUP. Of a program that was started in a terminal, with any of its standard streams
 * there, it counts as SIGTERM where it says that the terminal is gone: nobody is left there who could end it. `nohup`
 * leaves it no stream there; that it has SIGHUP ignored Node forgets. Disposing gives the signal back to the platform.
 */
export function onReloadSignal(onReload: () => void): Disposable {
  const fromTerminal = [0, 1, 2].some((stream) => isatty(stream));
  const listener = () => {
    if (fromTerminal && terminalIsGone()) process.kill(process.pid, 'SIGTERM');
    else onReload();
  };
  process.on('SIGHUP', listener);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', listener) };
}

function terminalIsGone(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

/** What a shell reports of a process that a signal ended. */
export const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];
