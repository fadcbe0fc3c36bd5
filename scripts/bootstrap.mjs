// Every README command starts here. It runs on any Node from 20 on, so it may use nothing newer: it installs the
// project's packages when they are missing or old, then hands over to the project's own pinned Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { handOver, pinnedNode, runsTypeScript } from '../apps/api/bin/hand-over.mjs';
import { whenNpmIsGone } from '../apps/api/bin/when-npm-is-gone.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const commands = {
  demo: ['dev/demo/src/main.ts'],
  dev: ['dev/demo/src/main-dev.ts'],
  states: ['dev/states/src/main.ts'],
  test: ['dev/servers/src/cli/test.ts'],
  'test:fast': ['dev/servers/src/cli/test-fast.ts'],
  'test:long': ['dev/servers/src/cli/test.ts', '--long'],
  'test:clusters': ['dev/servers/src/cli/test-clusters.ts'],
  'test:watch': ['dev/servers/src/cli/test-watch.ts'],
  bench: ['dev/bench/src/bench.ts'],
  'bench:verify': ['dev/bench/src/bench-verify.ts'],
  'bench:lag': ['dev/bench/src/bench-lag.ts'],
  'bench:service': ['dev/bench/src/bench-service.ts'],
  'bench:cluster': ['dev/bench/src/bench-cluster.ts'],
  'bench:page': ['dev/bench/src/bench-page.ts'],
  package: ['dev/package/src/main.ts'],
  simulate: ['dev/world/src/simulate.ts'],
  mutate: ['dev/mutate/src/main.ts'],
  start: ['apps/api/src/cli.ts', 'serve'],
};

const [command, ...rest] = process.argv.slice(2);
const script = commands[command];
if (!script) {
  console.error(`bootstrap: unknown command ${command}; known: ${Object.keys(commands).join(', ')}`);
  process.exit(3);
}

let program = null;
// Asked before anything that takes long, because it tells by what changes from here on.
whenNpmIsGone(() => program?.kill('SIGTERM'));
installPackages();
if (command === 'start') run('npm', ['run', '--silent', 'build']);
program = handOver(chooseNode(), [...script, ...rest], environment());

/** Installs when the lockfile changed since the last install; the stamp lies inside node_modules: both go together. */
function installPackages() {
  const stamp = join(root, 'node_modules', '.lockstep-install');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Installing packages (npm ci) …');
  // The system's Node only installs: warnings that it is older than what the packages want say nothing here.
  run('npm', ['ci', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

/** The Node that the project pins; on a platform it is not pinned for, this one, if it is new enough. */
function chooseNode() {
  const pinned = pinnedNode();
  if (pinned) return pinned;
  if (runsTypeScript(process.versions.node)) return process.execPath;
  console.error(
    `Lockstep needs Node 22.18 or newer and has no pinned one for ${process.platform}-${process.arch}; this is ${process.version}.`,
  );
  process.exit(3);
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment(),
  });
  if (error) console.error(`${program}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function environment() {
  const bin = join(root, 'node_modules', '.bin');
  return {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    TURBO_TELEMETRY_DISABLED: '1',
    NO_UPDATE_NOTIFIER: '1',
  };
}
