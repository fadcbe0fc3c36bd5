// `npm run demo`: a real source with two real replicas under load, and Lockstep watching them. One replica is held back
// now and then and holds differences that replication does not know of. Everything ends, and goes, with this process.
import { progress } from '@lockstep/servers';
import { demo } from './demo.ts';
import { parseOptions, usage, UsageError } from './options.ts';
import { stopSignal } from './stop-signal.ts';

const say = progress();
try {
  await demo(parseOptions(process.argv.slice(2)), say, stopSignal());
  say('Everything has ended and nothing is left behind');
  process.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(
    error instanceof UsageError ? `${message}\nusage: ${usage}` : `The demo has ended: ${message}`,
  );
  process.exit(error instanceof UsageError ? 3 : 1);
}
