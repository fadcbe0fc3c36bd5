import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatProblem, loadConfigMeanwhile } from '../../src/config/index.ts';
import { MINIMAL, writeFiles } from './write.ts';

/** A client's certificate and its key, in two files. */
function renew(folder: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem'];
  const args = ['req', '-x509', ...key, '-out', 'cert.pem', '-subj', '/CN=lockstep', '-days', '2'];
  execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
}

test('certificates that are half renewed are not taken up, and what is wrong with them is said', async () => {
  const tls = 'tls: {ca: ca.pem, cert: cert.pem, key: key.pem}';
  const folder = writeFiles({ 'lockstep.yaml': MINIMAL.replace(/password: .*/, `password: x\n    ${tls}`) });
  const at = (name: string) => join(folder, name);
  const problems = async () => {
    const result = await loadConfigMeanwhile(at('lockstep.yaml'), {});
    return result.ok ? [] : result.problems.map(formatProblem);
  };
  renew(folder);
  const ca = readFileSync(at('cert.pem'), 'utf8');
  writeFileSync(at('ca.pem'), ca);
  expect(await problems()).toEqual([]);

  writeFileSync(at('ca.pem'), ca.slice(0, ca.length / 2));
  expect(await problems()).toEqual([expect.stringMatching(/tls\.ca: .*has no end \(-----END …\)/)]);

  writeFileSync(at('ca.pem'), ca);
  const before = readFileSync(at('key.pem'));
  renew(folder);
  writeFileSync(at('key.pem'), before);
  const [problem, ...others] = await problems();
  expect(problem).toMatch(/tls\.key: expected the key of tls\.cert, found another's/);
  expect(others).toEqual([]);
});
