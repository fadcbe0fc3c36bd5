import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const web = join(import.meta.dirname, '../../..');

/** Builds the page when the build is older than what it is made from: a test of an old page would test nothing. */
export default function setup(): void {
  const built = join(web, 'build/200.html');
  const sources = [
    ...readdirSync(join(web, 'src'), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(web, 'src', file),
    ),
    join(web, 'vite.config.ts'),
    join(web, 'package.json'),
  ].filter((file) => !file.includes('generated'));
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: web,
    stdio: ['ignore', 'ignore', 'inherit'],
    // Otherwise it would be built as for a test.
    env: { ...process.env, NODE_ENV: 'production' },
  });
}
