import { run } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';

export interface Peers {
  ptTableChecksum: boolean;
  sysbench: boolean;
}

/** Finds what Lockstep is compared with, and says what is missing. With `install`, fetches it from Debian first. */
export async function findPeers(install: boolean, say: Say): Promise<Peers> {
  if (install) {
    say('Installing percona-toolkit and sysbench …');
    await run('apt-get', ['update', '-qq']);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'percona-toolkit', 'sysbench'], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  const [pt, sysbench] = await Promise.all([version('pt-table-checksum'), version('sysbench')]);
  say(
    pt ?? 'pt-table-checksum is not installed: no comparison with it (percona-toolkit, or --install-peers)',
  );
  say(sysbench ?? 'sysbench is not installed: writes come from a loop of our own (or --install-peers)');
  return { ptTableChecksum: pt !== null, sysbench: sysbench !== null };
}

async function version(program: string): Promise<string | null> {
  try {
    return (await run(program, ['--version'])).trim();
  } catch {
    return null;
  }
}
