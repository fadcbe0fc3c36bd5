import { type Client, createClient } from 'graphql-ws';
import { backoffMs } from './backoff.ts';
import { type LinkState, linkState } from './link-state.ts';
import { RoundTrip } from './round-trip.ts';
import { serverClock } from './server-clock.ts';
import { socketOr } from './socket-or.ts';
import { StreamSocket } from './stream-socket.ts';
import { ticker } from './ticker.svelte.ts';

import { resolve } from '$app/paths';

const pingMs = 2_000;

/** So many sockets that never opened are no accident. */
const socketsTried = 2;

/** Who looks at something else for a moment finds the page as it was. */
const awayAfterMs = 10_000;

/** Close codes by which the service says that this browser must sign in (again). */
const signInCodes = new Set([4401, 4403]);

/** The one WebSocket of the page, and what is honestly known of it. Retries for ever. */
export class Link {
  /**
   * Counts the connections made, and the returns to a page that was hidden: whoever depends on it asks again after a
   * loss, so that nothing is missed.
   */
  epoch = $state(0);
  /** The page has been hidden for a while: what is only looked at need not be told. */
  away = $state(false);
  /** Nothing but plain HTTP comes through: what is in between lets no WebSocket pass. */
  byStream = $state(false);
  /** Why the service answers nothing to this page, in its words; null where it does. */
  refused = $state.raw<string | null>(null);
  #connected = $state(false);
  /** This attempt has come as far as an open socket. */
  #opened = false;
  #refusedSockets = 0;
  #lostAt = $state.raw(performance.now());
  #browserOffline = $state(false);
  // Written at every message, far more often than anyone needs to see: read by the ticker once a second.
  #lastMessage: number | null = null;
  #lastMessageAt: number | null = null;
  #client: Client;
  readonly #roundTrip = new RoundTrip();
  #givingUp: ReturnType<typeof setTimeout> | undefined;
  #wake: (() => void) | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;
  readonly #onSignIn: () => void;

  constructor(onSignIn: () => void) {
    this.#onSignIn = onSignIn;
    this.#browserOffline = !navigator.onLine;
    this.#client = this.#open();
    addEventListener('online', this.#online);
    addEventListener('offline', this.#offline);
    document.addEventListener('visibilitychange', this.#visible);
  }

  get client(): Client {
    return this.#client;
  }

  get state(): LinkState {
    return linkState(
      {
        connected: this.#connected,
        lastMessage: this.#lastMessage,
        lateMs: this.#lateMs,
        lostAt: this.#lostAt,
        browserOffline: this.#browserOffline,
      },
      ticker.monotonic,
    );
  }

  /** Whether what the page shows is so now; before the first message nobody has waited long enough to doubt it. */
  get live(): boolean {
    return this.state === 'live' || this.state === 'connecting';
  }

  /** Ms since what is shown was so: the last message may have been on its way for long. Null before the first. */
  get ageMs(): number | null {
    const now = ticker.monotonic;
    return this.#lastMessage === null ? null : Math.max(0, now - this.#lastMessage) + this.#lateMs;
  }

  /** What the page shows is as of then, by the service's clock; null before the first message. */
  get dataAt(): number | null {
    void ticker.monotonic;
    return this.#lastMessageAt === null ? null : this.#lastMessageAt - this.#lateMs;
  }

  get #lateMs(): number {
    return this.#lastMessage === null ? 0 : this.#roundTrip.lateMs(this.#lastMessage);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#givingUp);
    clearTimeout(this.#leaving);
    this.#wake?.();
    removeEventListener('online', this.#online);
    removeEventListener('offline', this.#offline);
    document.removeEventListener('visibilitychange', this.#visible);
    void this.#client.dispose();
  }

  #open(): Client {
    const url = new URL(`${resolve('/')}graphql`, location.href);
    const stream = `${url.href}/stream`;
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const client: Client = createClient({
      url: url.href,
      webSocketImpl: socketOr(() => (this.byStream ? new StreamSocket(stream) : null)),
      lazy: false,
      keepAlive: pingMs,
      retryAttempts: Infinity,
      shouldRetry: () => !this.#disposed,
      retryWait: async (retries) => {
        await this.#wait(backoffMs(retries));
        await this.#chooseTransport();
      },
      onNonLazyError: () => {
        // The library gives up for good on some close codes; a monitor that stays open over night must not.
        if (this.#disposed) return;
        void this.#wait(backoffMs(4)).then(() => {
          if (!this.#disposed) this.#client = this.#open();
        });
      },
      on: {
        connecting: () => (this.#opened = false),
        opened: () => (this.#opened = true),
        connected: () => {
          this.#roundTrip.begin();
          this.#heard();
          if (!this.byStream) this.#refusedSockets = 0;
          this.#connected = true;
          this.refused = null;
          this.epoch += 1;
        },
        message: () => this.#heard(),
        ping: (received) => {
          if (received) return;
          this.#roundTrip.asked(performance.now());
          this.#giveUpWhenSilent(client, performance.now());
        },
        pong: (received) => {
          if (!received) return;
          clearTimeout(this.#givingUp);
          this.#roundTrip.answered(performance.now());
        },
        closed: (event) => {
          clearTimeout(this.#givingUp);
          if (!this.#opened && !this.byStream) this.#refusedSockets += 1;
          if (this.#connected) this.#lostAt = performance.now();
          this.#connected = false;
          if (signInCodes.has((event as CloseEvent).code)) this.#onSignIn();
        },
      },
    });
    return client;
  }

  /**
   * A service that is down refuses everything: only where plain HTTP is answered, something lets no WebSocket through.
   * When that connection is lost too, a WebSocket is tried again.
   */
  async #chooseTransport(): Promise<void> {
    if (this.byStream || this.#refusedSockets < socketsTried) {
      this.byStream = false;
      return;
    }
    const answer = await fetch(`${resolve('/')}graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ version }"}',
    }).catch(() => null);
    this.byStream = answer?.ok ?? false;
    if (answer?.status !== 403) return;
    const said = (await answer.json().catch(() => null)) as { error?: { message?: string } } | null;
    this.refused = said?.error?.message ?? null;
  }

  /** Whatever comes while an answer is waited for shows that somebody is there. */
  #giveUpWhenSilent(client: Client, silentSince: number): void {
    clearTimeout(this.#givingUp);
    const left = silentSince + this.#roundTrip.patienceMs - performance.now();
    this.#givingUp = setTimeout(() => {
      const heard = this.#lastMessage ?? 0;
      if (heard > silentSince) return this.#giveUpWhenSilent(client, heard);
      this.#roundTrip.givenUp();
      client.terminate();
    }, left);
  }

  #heard(): void {
    this.#lastMessage = performance.now();
    this.#lastMessageAt = serverClock.now();
  }

  /** Waits, unless there is a reason to try at once. */
  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  readonly #online = () => {
    this.#browserOffline = false;
    this.#wake?.();
  };

  readonly #offline = () => {
    this.#browserOffline = true;
  };

  readonly #visible = () => {
    clearTimeout(this.#leaving);
    if (document.hidden) {
      this.#leaving = setTimeout(() => (this.away = true), awayAfterMs);
      return;
    }
    this.#wake?.();
    if (!this.away) return;
    this.away = false;
    // Without a connection, the next one is what is asked after.
    if (this.#connected) this.epoch += 1;
  };
}
