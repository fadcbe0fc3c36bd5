import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from '../build-once.ts';
import { cacheFolder } from '../cache.ts';
import {
  type Flavour,
  flavourName,
  isOther,
  type OtherRelease,
  type Release,
  stableRelease,
} from '../flavour.ts';
import { type AptRequest, debianMirror, hasApt, unpackWithApt } from './apt-root.ts';
import { type ServerBinaries, ServerUnavailable } from './binaries.ts';
import { findInstalled } from './installed.ts';
import { unpackedServer } from './unpacked.ts';

export interface FindOptions {
  release?: Release;
  /** Called with one line of text at each step that takes a while. */
  onProgress?: ((line: string) => void) | undefined;
}

/**
 * The server of a flavour: the one on PATH, else one unpacked into the cache from Debian packages, which neither needs
 * root nor touches the machine. Rejects with `ServerUnavailable`, whose message says what to install.
 */
export async function findOrInstall(flavour: Flavour, options: FindOptions = {}): Promise<ServerBinaries> {
  const { onProgress = () => undefined } = options;
  const release = options.release && options.release !== 'stable' ? options.release : stableRelease(flavour);
  const installed = release === 'newest' ? null : await findInstalled(flavour);
  if (installed && isOf(installed, release)) return installed;
  const root = join(cacheFolder(), 'unpacked', `${flavour}-${release}-${process.arch}`);
  try {
    if (!existsSync(root)) await install(root, flavour, release, onProgress);
    return await unpackedServer(root, flavour);
  } catch (cause) {
    throw new ServerUnavailable(
      flavour,
      `${fullName(flavour, release)} is not on this machine and could not be fetched: install it so that ` +
        `"${flavour === 'mariadb' ? 'mariadbd' : 'mysqld'}" is on PATH (${reason(cause)}).`,
      { cause },
    );
  }
}

async function install(
  root: string,
  flavour: Flavour,
  release: Release,
  onProgress: (line: string) => void,
): Promise<void> {
  if (!hasApt()) throw new Error('fetching it needs apt-get and dpkg');
  await buildOnce(root, async (folder) => {
    const name = fullName(flavour, release);
    onProgress(`Fetching ${name} into ${cacheFolder()}, once …`);
    const started = performance.now();
    await unpackWithApt(folder, await packagesFor(flavour, release));
    onProgress(`Fetched ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  });
}

/** Which of Debian's releases carries it, and under which name. */
const debianOf: Record<OtherRelease, AptRequest> = {
  '10.5': { suite: 'bullseye', packages: ['mariadb-server-core-10.5'] },
  '11.8': { suite: 'trixie', packages: ['mariadb-server-core'] },
};

/** Debian's stable releases carry no MySQL; its unstable one does. Other distributions carry both. */
async function packagesFor(flavour: Flavour, release: Release): Promise<AptRequest> {
  if (isOther(release)) return debianOf[release];
  const debian = await debianMirror().catch(() => null);
  const suite = debian && (flavour === 'mysql' || release === 'newest') ? 'sid' : null;
  const packages =
    flavour === 'mysql'
      ? ['mysql-server-core', 'mysql-server-core-8.4', 'mysql-server-core-8.0']
      : ['mariadb-server-core', 'mariadb-server-core-10.6'];
  return { packages, suite };
}

/** The Debian release that a release of MariaDB is fetched from; null where that is not always the same. */
export function suiteOf(release: Release): string | null {
  return isOther(release) ? debianOf[release].suite : null;
}

/** Whether a server is of the release that is asked for; any is of what this machine itself has. */
function isOf({ version }: ServerBinaries, release: Release): boolean {
  return !isOther(release) || version.join('.').startsWith(`${release}.`);
}

function fullName(flavour: Flavour, release: Release): string {
  return isOther(release) ? `${flavourName[flavour]} ${release}` : flavourName[flavour];
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\s+/g, ' ') : String(cause);
}
