import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../src/bundle.ts';

/** The blocks of code of a language in one chapter of README.md, as they stand there. Throws where there is none. */
export function blocksOf(chapter: string, language: string): string[] {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const [, text = ''] = readme.split(`\n## ${chapter}\n`);
  const [own = ''] = text.split(/^## /m);
  const blocks = [...own.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  if (blocks.length === 0) throw new Error(`README.md has no ${language} under "${chapter}"`);
  return blocks.map(([, block = '']) => block);
}

/** A text with other values in place of its examples, each of which has to be in it. */
export function filled(text: string, values: Record<string, string>): string {
  return Object.entries(values).reduce((result, [example, value]) => {
    if (!result.includes(example)) throw new Error(`README.md has no ${example} in:\n${text}`);
    return result.replaceAll(example, value);
  }, text);
}
