import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { News } from './messages.ts';

/** Where the thread says what nobody asked it for. */
export class NewsPort {
  readonly #port: MessagePort;
  #listener: (news: News) => void = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
  }

  listen(listener: (news: News) => void): void {
    this.#listener = listener;
    this.#port.on('message', listener);
  }

  /** All that was said by now, for whoever ends before it would come by itself. */
  hear(): void {
    for (;;) {
      const received: { message: News } | undefined = receiveMessageOnPort(this.#port);
      if (!received) return;
      this.#listener(received.message);
    }
  }

  /** From now on it holds no program. */
  unref(): void {
    this.#port.unref();
  }
}
