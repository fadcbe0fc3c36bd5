// `npm run package`: builds everything into one file, and says where it lies.
import { join } from 'node:path';
import { run } from '@lockstep/servers';
import { repository } from './bundle.ts';
import { makePackage } from './make-package.ts';

await run('npm', ['run', '--silent', 'build'], { cwd: repository });
console.log(await makePackage(join(repository, 'dev/package/build')));
