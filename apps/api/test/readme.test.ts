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
  test.for(blocks('yaml'))('is a sound configuration (%#)', (text) => {
    const files = Object.fromEntries(
      [...text.matchAll(/File: ([\w.]+)/g)].map(([, name = '']) => [name, 'a-secret-of-sixteen-characters']),
    );
    expect(loaded(text, { files }).engine.pairs.length).toBeGreaterThan(0);
  });

  const schema = buildSchema(read('schema.graphql'));
  const inShell = [...readme.matchAll(/"query":"(.*?)"}/g)].map(([, query = '']) => query);
  const inScript = [...readme.matchAll(/const query = '(.*?)';/g)].map(([, query = '']) => query);

  test.for([...blocks('graphql'), ...inShell, ...inScript])('is a valid operation (%#)', (text) => {
    expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
  });

  test('is there at all', () => {
    expect([blocks('yaml').length, blocks('graphql').length, inShell.length, inScript.length]).toEqual([
      2, 2, 1, 1,
    ]);
  });
});
