// Started by guardian.test.ts: holds a server until it is killed.
import { type Flavour, startServer } from '../src/index.ts';

const server = await startServer({ flavour: process.argv[2] as Flavour });
console.log(JSON.stringify({ pid: server.pid, dataDir: server.dataDir }));
setInterval(() => undefined, 60_000);
