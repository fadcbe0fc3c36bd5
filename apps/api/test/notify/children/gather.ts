// Has 60 alerts of one group fire, with the address named to be told after the wait named, on the storage in the file
// named; prints what is logged and when all is gathered, and waits to be killed. With a number it kills itself as it is
// about to note of so many that they arrived.
import { writeSync } from 'node:fs';
import { type Logger, openStorage, silent } from '@lockstep/checks';
import { Notifier } from '../../../src/notify/notifier.ts';
import { localPubSub } from '../../../src/pubsub/pubsub.ts';
import { grouped, tables } from '../group-tables.ts';

const [file = '', url = '', waitMs = '', noted = ''] = process.argv.slice(2);
const print = (_: object, message: string) => void writeSync(1, `${message}\n`);
const log: Logger = { ...silent, info: print, warn: print, error: print };
const day = 86_400_000;
const storage = openStorage({ file, rawLagMs: day, minuteLagMs: day, historyMs: day }, { log });
if (noted !== '') {
  const record = storage.recordDelivery.bind(storage);
  let left = Number(noted);
  storage.recordDelivery = (delivery) => {
    if (delivery.state === 'delivered' && left-- === 1) process.kill(process.pid, 'SIGKILL');
    record(delivery);
  };
}
const pubsub = localPubSub(log);
await new Notifier({
  destinations: [grouped(url, { waitMs: Number(waitMs) })],
  storage,
  pubsub,
  log,
}).start();
for (const alert of tables(60)) {
  storage.recordAlert(alert);
  pubsub.publish({ type: 'alert', pair: alert.pair, data: alert });
}
// After the notifier's own turn, in which what was decided on is written.
setImmediate(() => setImmediate(() => print({}, 'gathering')));
setInterval(() => {}, 60_000);
