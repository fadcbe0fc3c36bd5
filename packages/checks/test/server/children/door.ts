import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

/** A port that leads to another, and prints its own; while this process is stopped, few who connect get in. */
const door = createServer((client) => {
  pipeline(client, connect(Number(process.argv[2]), '127.0.0.1'), client, () => undefined);
});
door.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  process.stdout.write(String((door.address() as { port: number }).port));
});
