import { chmod, copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, oldestNode, repository } from './bundle.ts';

/** What is carried along as it is, by where it comes from. */
const carried: Record<string, string> = {
  'apps/api/bin/when-npm-is-gone.mjs': 'bin/when-npm-is-gone.mjs',
  'dev/package/bin/lockstep.mjs': 'bin/lockstep.mjs',
  'apps/web/build': 'page',
  'deploy/systemd/lockstep.service': 'lockstep.service',
  'deploy/prometheus/lockstep.rules.yaml': 'lockstep.rules.yaml',
  'deploy/grafana/lockstep.json': 'grafana-dashboard.json',
  'schema.graphql': 'schema.graphql',
  'config.example.yaml': 'config.example.yaml',
  LICENSE: 'LICENSE',
  'CHANGELOG.md': 'CHANGELOG.md',
  'README.md': 'README.md',
};

/** Of all that is inside; the page shows the same. */
const notices = 'third-party.md';

/** Makes `folder` what `npm pack` packs: everything built, and no dependency. The page has to be built before. */
export async function assemble(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await bundle(join(folder, 'lib'), notices);
  await mkdir(join(folder, 'bin'));
  for (const [from, to] of Object.entries(carried)) {
    const source = join(repository, from);
    await (to === 'page'
      ? cp(source, join(folder, to), { recursive: true })
      : copyFile(source, join(folder, to)));
  }
  await mergeNotices(folder);
  await chmod(join(folder, 'bin/lockstep.mjs'), 0o755);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
}

/** The program's are written beside its code, the page's beside the page. */
async function mergeNotices(folder: string): Promise<void> {
  const [ofProgram, ofPage] = [join(folder, 'lib', notices), join(folder, 'page', notices)];
  const texts = await Promise.all([ofProgram, ofPage].map((file) => readFile(file, 'utf8')));
  const entries = texts.flatMap((text) => text.split(/^(?=## )/m).slice(1));
  const text = [
    '# Licences of what is inside\n\n',
    ...new Set(entries.map((entry) => `${entry.trim()}\n\n`)),
  ];
  await rm(ofProgram);
  await Promise.all([ofPage, join(folder, notices)].map((file) => writeFile(file, text.join(''))));
}

async function manifest() {
  const text = await readFile(join(repository, 'package.json'), 'utf8');
  const { version, description, license } = JSON.parse(text) as Record<string, string>;
  return {
    name: 'lockstep',
    version,
    description,
    license,
    type: 'module',
    bin: { lockstep: 'bin/lockstep.mjs' },
    engines: { node: `>=${oldestNode}` },
  };
}
