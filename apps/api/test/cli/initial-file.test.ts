import { join } from 'node:path';
import type { FoundServer } from '@lockstep/checks';
import { expect, test } from 'vitest';
import { initialFile } from '../../src/cli/initial-file.ts';
import { expandVariables } from '../../src/config/expand.ts';
import { readConfigFile } from '../../src/config/file.ts';
import { writeFiles } from '../config/write.ts';

const found = (host: string): FoundServer => ({
  host,
  port: 3306,
  facts: null,
  fault: `it says:\n  - "\${DB_PASSWORD}"\u2028and: more`,
  channels: [],
});

/** Names that a server gives to others, and that mean something in the file. */
test.each([
  '${DB_PASSWORD}.example.com',
  '$${DB_PASSWORD}.example.com',
  '${DB_PASSWORD',
  'a"\n  password: b',
  "a': [b, {c: &d *e",
  '# not a comment',
  '<<',
  '\u2028\u0085',
  '!!binary YQ==',
])('a server that was found is written as the text that it is: %j', (host) => {
  const [source, target] = [found(host), found('replica.example.com')];
  const text = initialFile(
    { servers: [source, target], links: [{ source, target, channel: host }], notes: [host] },
    {
      account: 'lockstep',
      tls: false,
      pair: { tables: { include: ['*.*'], exclude: [] }, heartbeat: null } as never,
    },
  );
  const file = join(writeFiles({ 'lockstep.yaml': text }), 'lockstep.yaml');
  const read = readConfigFile(file);
  if (!('file' in read)) throw new Error(JSON.stringify(read.problems));
  const { raw, failures } = expandVariables(read.file.raw, { DB_PASSWORD: 'Hidden-1' });
  expect(failures).toEqual([]);
  const { servers } = raw as { servers: Record<string, { host: string; password: string }> };
  expect(Object.values(servers).map(({ host, password }) => [host, password])).toEqual([
    [host, 'Hidden-1'],
    ['replica.example.com', 'Hidden-1'],
  ]);
});
