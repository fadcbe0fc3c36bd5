import { afterAll, beforeEach } from 'vitest';
import { type PausingProxy, pausingProxy } from '../pausing-proxy.ts';
import { type StartOptions, startServer } from '../process/start-server.ts';
import type { TestServer } from '../process/test-server.ts';
import { replicate } from '../replication/replicate.ts';
import { type TellTale, tellTale, whatIsOff } from '../replication/tell-tale.ts';

export interface TendedPair {
  readonly source: TestServer;
  readonly target: TestServer;
  /** What the target reads through; everybody else reaches the source by its own port. */
  readonly proxy: PausingProxy;
}

export interface TendedOptions extends Omit<StartOptions, 'serverId'> {
  /** What every test finds on it; done anew on every new pair. */
  seed?: (pair: TendedPair) => Promise<unknown>;
}

/**
 * A pair of servers for the tests of one `describe`, which may stop, break and change it: it is looked at before each
 * of them, and a pair that is not what it was after its seed is replaced, whatever the test before has left behind. So
 * a test that fails fails alone. Leaving the pair as it was is what keeps the next test from waiting for a new one.
 */
export function tendedPair(options: TendedOptions): TendedPair {
  let pair: Tended | null = null;
  beforeEach(async () => {
    if (pair) {
      const off = await pair.whatIsOff();
      if (off === null) return;
      console.warn(`On ${options.flavour} the pair is started anew: ${off}.`);
      await pair.remove();
      pair = null;
    }
    pair = await Tended.start(options);
  });
  afterAll(() => pair?.remove());
  const there = (): TendedPair => {
    if (!pair) throw new Error('a tended pair is there in tests only');
    return pair;
  };
  return {
    get source() {
      return there().source;
    },
    get target() {
      return there().target;
    },
    get proxy() {
      return there().proxy;
    },
  };
}

class Tended implements TendedPair {
  readonly source: TestServer;
  readonly target: TestServer;
  readonly proxy: PausingProxy;
  readonly #stack: AsyncDisposableStack;
  #tellTale: TellTale | null = null;

  private constructor(
    stack: AsyncDisposableStack,
    source: TestServer,
    target: TestServer,
    proxy: PausingProxy,
  ) {
    this.#stack = stack;
    this.source = source;
    this.target = target;
    this.proxy = proxy;
  }

  static async start({ seed, ...options }: TendedOptions): Promise<Tended> {
    await using starting = new AsyncDisposableStack();
    const started = await Promise.allSettled([startServer(options), startServer(options)]);
    for (const result of started) if (result.status === 'fulfilled') starting.use(result.value);
    const [source, target] = started.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }) as [TestServer, TestServer];
    const proxy = await pausingProxy(source.port);
    starting.defer(() => proxy.close());
    await replicate(target, source, { port: proxy.port });
    const pair = new Tended(starting.move(), source, target, proxy);
    try {
      await seed?.(pair);
      pair.#tellTale = await tellTale(source, target);
      return pair;
    } catch (error) {
      await pair.remove();
      throw error;
    }
  }

  async whatIsOff(): Promise<string | null> {
    // What is quickly undone: a server or a link that stands still, locks, session state.
    for (const server of [this.source, this.target]) {
      server.thaw();
      server.disconnect();
    }
    this.proxy.resume();
    if (!this.#tellTale || !this.proxy.open) return 'the link is closed';
    return whatIsOff(this.source, this.target, this.#tellTale, this.proxy.port);
  }

  async remove(): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
