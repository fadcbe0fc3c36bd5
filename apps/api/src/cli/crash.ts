/**
 * An error that nobody expected leaves the program in a state that nobody knows: it is reported, and the process ends
 * with `code`, lest the platform's own code say something else to whoever started it.
 */
export function onCrash(code: number, report: (error: unknown) => void): Disposable {
  const listener = (error: unknown) => {
    report(error);
    process.exit(code);
  };
  process.on('uncaughtException', listener);
  return { [Symbol.dispose]: () => void process.off('uncaughtException', listener) };
}
