/** What the service calls the events of its stream that are no messages. */
interface StreamEvents {
  opened: { id: string };
  closed: { code: number; reason: string };
}

/**
 * What `graphql-ws` needs of a WebSocket, over plain HTTP, where a proxy lets no WebSocket through: messages come as
 * server-sent events, and go as one request each, in their order. Both carry the very messages of the socket.
 */
export class StreamSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState = StreamSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((error: unknown) => void) | null = null;
  readonly #address: string;
  readonly #events: EventSource;
  #id = '';
  #sending: Promise<void> = Promise.resolve();

  /** `address`: of the stream, by http. */
  constructor(address: string) {
    this.#address = address;
    this.#events = new EventSource(address);
    this.#on('opened', ({ id }) => {
      this.#id = id;
      this.readyState = StreamSocket.OPEN;
      this.onopen?.();
    });
    this.#events.onmessage = ({ data }) => this.onmessage?.({ data: String(data) });
    this.#on('closed', ({ code, reason }) => this.#end(code, reason));
    // It would go on by itself, as another stream: whoever uses this one begins anew instead.
    this.#events.onerror = () => this.#end(1006, '');
  }

  send(message: string): void {
    this.#sending = this.#sending.then(() => this.#post(message));
  }

  close(code: number, reason: string): void {
    this.#end(code, reason);
  }

  async #post(message: string): Promise<void> {
    if (this.readyState !== StreamSocket.OPEN) return;
    const headers = { 'content-type': 'application/json' };
    const address = `${this.#address}/${this.#id}`;
    const sent = await fetch(address, { method: 'POST', headers, body: message }).catch(() => null);
    if (!sent?.ok) this.#end(1006, '');
  }

  #on<Name extends keyof StreamEvents>(name: Name, act: (told: StreamEvents[Name]) => void): void {
    this.#events.addEventListener(name, ({ data }) => act(JSON.parse(String(data)) as StreamEvents[Name]));
  }

  #end(code: number, reason: string): void {
    if (this.readyState === StreamSocket.CLOSED) return;
    this.readyState = StreamSocket.CLOSED;
    this.#events.close();
    this.onclose?.(new CloseEvent('close', { code, reason, wasClean: code === 1000 }));
  }
}
