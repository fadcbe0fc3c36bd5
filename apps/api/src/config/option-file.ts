import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sentence } from './system-error.ts';

/**
 * What the programs `mysql` and `mariadb` read of an option file (`~/.my.cnf`), by the rules of MySQL's manual, "Using
 * Option Files". No library knows them: an `.ini` has no `!include`, other quotes and other comments. The groups of the
 * servers (`[mysqld]`, `[mariadb]`) are not for clients: what stands there as `user` is whom the server runs as.
 */
const groups = new Set(['client', 'client-server', 'client-mariadb', 'mysql', 'mariadb-client', 'lockstep']);

/** As the server's own programs: who includes in a circle is stopped. */
const maxDepth = 10;

/** By their names with dashes; what stands later wins. Throws an Error with a sentence to show. */
export function readOptionFile(file: string): Map<string, string> {
  const options = new Map<string, string>();
  readInto(options, resolve(file), 0);
  return options;
}

function readInto(options: Map<string, string>, file: string, depth: number): void {
  if (depth > maxDepth) throw new Error(`${file}: option files that include each other`);
  let text: string;
  try {
    // Anybody could have written what is in it.
    if ((statSync(file).mode & 0o002) !== 0) throw new Error('it can be written by everybody');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`option file ${file}: ${sentence(error)}`, { cause: error });
  }
  let group = '';
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.trim();
    const refuse = (why: string) => new Error(`option file ${file}:${index + 1}: ${why}`);
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const include = /^!include(dir)?\s+(.+)$/.exec(line);
    if (include) {
      const place = resolve(dirname(file), include[2] as string);
      for (const each of include[1] ? filesIn(place) : [place]) readInto(options, each, depth + 1);
      continue;
    }
    if (line.startsWith('[')) {
      const end = line.indexOf(']');
      if (end < 0) throw refuse('a group without its ]');
      group = line.slice(1, end).trim();
      continue;
    }
    if (group === '') throw refuse('an option before any [group]');
    if (!groups.has(group)) continue;
    const [name, value] = optionIn(withoutComment(line));
    options.set(name, value);
  }
}

function filesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.cnf'));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    throw new Error(`option files in ${folder}: ${sentence(error)}`, { cause: error });
  }
}

/** A `#` within quotes is none. */
function withoutComment(line: string): string {
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (quote !== '' && char === '\\') i++;
    else if (quote === '' && char === '#') return line.slice(0, i);
    else if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
  }
  return line;
}

/** `_` is as good as `-`; an option alone is on; `loose-` says that who does not know it need not mind. */
function optionIn(line: string): [name: string, value: string] {
  const at = line.indexOf('=');
  const name = (at < 0 ? line : line.slice(0, at)).trim().toLowerCase().replaceAll('_', '-');
  const value = at < 0 ? '1' : line.slice(at + 1).trim();
  const [, , quoted] = /^(["'])(.*)\1$/s.exec(value) ?? [];
  return [name.replace(/^loose-/, ''), unescaped(quoted ?? value)];
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', s: ' ' };

function unescaped(value: string): string {
  return value.replace(/\\([ntrbs\\"'])/g, (_, char: string) => escapes[char] ?? char);
}
