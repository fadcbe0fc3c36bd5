import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface OneWay {
  port: number;
  /** From now on who connected here hears nothing, and is heard; or both are. */
  deafen: (deaf: boolean) => void;
}

/** A port that leads to another, where one of the two directions can fail. */
export async function oneWay(to: number): Promise<OneWay> {
  const answers = new Set<Socket>();
  let deaf = false;
  const door = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    answers.add(upstream);
    const end = () => {
      answers.delete(upstream);
      upstream.destroy();
      client.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.pipe(upstream);
    upstream.on('data', (bytes) => client.write(bytes));
    if (deaf) upstream.pause();
  });
  onTestFinished(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return {
    port: (door.address() as AddressInfo).port,
    deafen: (now) => {
      deaf = now;
      for (const upstream of answers) {
        if (deaf) upstream.pause();
        else upstream.resume();
      }
    },
  };
}
