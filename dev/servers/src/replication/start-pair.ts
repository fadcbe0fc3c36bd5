import type { Flavour } from '../flavour.ts';
import { type StartOptions, startServer } from '../process/start-server.ts';
import type { TestServer } from '../process/test-server.ts';
import { replicate, type ReplicateOptions } from './replicate.ts';

export interface PairOptions extends StartOptions, Pick<ReplicateOptions, 'gtid' | 'delaySeconds'> {
  /** Another flavour for the target, which then stands alone: such a pair cannot replicate by itself. */
  targetFlavour?: Flavour;
}

export interface OwnPair {
  source: TestServer;
  target: TestServer;
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Two servers of their own, the target replicating from the source. */
export async function startPair(options: PairOptions): Promise<OwnPair> {
  const { flavour, targetFlavour = flavour, gtid = true, delaySeconds = 0, ...rest } = options;
  const withoutGtid = ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'];
  const start = (of: Flavour) =>
    startServer({
      ...rest,
      flavour: of,
      options: [...(of === 'mysql' && !gtid ? withoutGtid : []), ...(rest.options ?? [])],
    });
  const started = await Promise.allSettled([start(flavour), start(targetFlavour)]);
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const remove = async () => {
    await Promise.all(servers.map((server) => server.remove()));
  };
  try {
    const [source, target] = servers;
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    if (!source || !target) throw new Error('unreachable: both servers started');
    if (flavour === targetFlavour) await replicate(target, source, { gtid, delaySeconds });
    return { source, target, remove, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
