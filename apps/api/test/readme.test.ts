import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { loaded } from './config/write.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const readme = read('README.md');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text = '']) => text,
  );
}

describe('what README.md tells a stranger to paste', () => {
  const configurations = blocks('yaml');
  const envOf = (name: string) => (name.endsWith('PASSWORD') ? 'secret' : 'https://example.com/hook');

  test.for(configurations)('is a sound configuration (%#)', (text) => {
    const files = Object.fromEntries(
      [...text.matchAll(/File: (?:\/run\/secrets\/)?([\w.]+)/g)].map(([, name = '']) => [
        name,
        'a-secret-of-sixteen-characters',
      ]),
    );
    // A block may show one part; the rest is then that of the first, which is whole.
    const whole = /^pairs:/m.test(text) ? text : `${configurations[0]}${text}`;
    const env = Object.fromEntries(
      [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => [name, envOf(name)]),
    );
    expect(loaded(whole.replaceAll('/run/secrets/', ''), { files, env }).engine.pairs.length).toBeGreaterThan(
      0,
    );
  });

  const schema = buildSchema(read('schema.graphql'));
  const inShell = [...readme.matchAll(/"query":"(.*?)"}/g)].map(([, query = '']) => query);
  const inScript = [...readme.matchAll(/const query = '(.*?)';/g)].map(([, query = '']) => query);

  test.for([...blocks('graphql'), ...inShell, ...inScript])('is a valid operation (%#)', (text) => {
    expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
  });

  test('is there at all', () => {
    expect([blocks('yaml').length, blocks('graphql').length, inShell.length, inScript.length]).toEqual([
      3, 3, 1, 1,
    ]);
  });
});
