import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('a promise that fails and that nobody waits for is told, and does not end the program', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    `import { tellRejections } from ${JSON.stringify(new URL('../src/rejections.ts', import.meta.url).href)};
     const told = [];
     const telling = tellRejections({ happened: (what, error) => told.push(what + ': ' + error) });
     void Promise.reject('its client has gone');
     setTimeout(() => {
       telling[Symbol.dispose]();
       console.log(JSON.stringify([told, process.listenerCount('unhandledRejection')]));
     }, 10);`,
  ]);
  expect(JSON.parse(stdout)).toEqual([['what nobody waits for: its client has gone'], 0]);
});
