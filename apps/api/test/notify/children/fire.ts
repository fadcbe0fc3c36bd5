// Has an alert fire, with the address named to be told, on the storage in the file named; prints what is logged, and
// waits to be killed.
import { writeSync } from 'node:fs';
import { type Logger, openStorage, silent } from '@lockstep/checks';
import { Notifier } from '../../../src/notify/notifier.ts';
import { webhook } from '../../../src/notify/webhook.ts';
import { localPubSub } from '../../../src/pubsub/pubsub.ts';
import { alert } from '../alert.ts';

const [file = '', url = ''] = process.argv.slice(2);
const print = (_: object, message: string) => void writeSync(1, `${message}\n`);
const log: Logger = { ...silent, info: print, warn: print, error: print };
const day = 86_400_000;
const storage = openStorage({ file, rawLagMs: day, minuteLagMs: day, historyMs: day }, { log });
const pubsub = localPubSub(log);
await new Notifier({ destinations: [webhook('ops', url, 'INFO')], storage, pubsub, log }).start();
storage.recordAlert(alert());
pubsub.publish({ type: 'alert', pair: 'orders', data: alert() });
setInterval(() => {}, 60_000);
