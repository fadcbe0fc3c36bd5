import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { keyText, MapEntries } from './map-entries.ts';
import { isMap as isRawMap, type Path } from './path.ts';
import { few, type Problem } from './problem.ts';
import { sentence } from './system-error.ts';
import { readOnce } from './whole-file.ts';

/** How often one thing may be named again: hundreds of pairs have much in common. More is a bomb. */
const maxAliasCount = 1_000;

/** A configuration file as it was written: plain values, and where each stands. */
export interface ConfigFile {
  /** As the user named it. */
  name: string;
  raw: unknown;
  /** Where the setting stands; of a missing one, where the nearest setting around it stands. */
  locate(path: Path): { line: number; column: number };
}

/** Reads YAML or JSON (which is YAML) by `read`. The problems are those of the text itself, not of its content. */
export function readConfigFile(
  name: string,
  read: (name: string) => Buffer = readOnce,
): { file: ConfigFile; problems: Problem[] } | { problems: Problem[] } {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fail = (message: string, place: Problem['place'] = { file: name }) => ({
    problems: [{ place, path: [], message }],
  });

  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(read(name));
  } catch (error) {
    if (error instanceof TypeError) return fail('expected UTF-8 text, found other bytes');
    return fail(`cannot be read: ${sentence(error)}`);
  }

  // Repeated keys are looked for below: there they get a path, and the rest is examined as well.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
  });
  if (document.errors.length > 0) {
    return {
      problems: [...few(document.errors)].map((error) => ({
        place: { file: name, ...at(error.pos[0]) },
        path: [],
        message: `not valid YAML: ${withoutSource(error.message)}`,
      })),
    };
  }
  if (document.contents === null) return fail('is empty; expected a map with servers and pairs');

  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount });
  } catch (error) {
    return fail(`not valid YAML: ${withoutSource(error instanceof Error ? error.message : String(error))}`);
  }
  const unusable = findUnusable(raw);
  if (unusable !== null) return fail(unusable);
  const top = { file: name, ...at(document.contents.range?.[0] ?? 0) };
  const aliased = aliasesIn(document);
  const entries = new MapEntries();
  if (!isRawMap(raw)) {
    const found = Array.isArray(raw) ? 'a list' : raw === null ? 'nothing' : 'a single value';
    return fail(`expected a map with servers and pairs, found ${found}`, top);
  }
  return {
    file: { name, raw, locate: (path) => at(offsetOf(document, entries, aliased, path)) },
    problems: [...few(repeatedKeys(document))].map(({ path, key, offset, first }) => ({
      place: { file: name, ...at(offset) },
      path,
      message: `"${key}" stands here a second time; the first is on line ${at(first).line}`,
    })),
  };
}

/** What YAML allows and no setting can be: a list or map inside itself, and the name that every object has. */
function findUnusable(
  value: unknown,
  around = new Set<unknown>(),
  sound = new Set<unknown>(),
): string | null {
  if (typeof value !== 'object' || value === null || sound.has(value)) return null;
  if (around.has(value)) return 'not valid: an alias stands inside of what it stands for';
  if (Object.hasOwn(value, '__proto__')) return 'not valid: "__proto__" cannot be the name of anything';
  around.add(value);
  for (const item of Object.values(value)) {
    const found = findUnusable(item, around, sound);
    if (found !== null) return found;
  }
  around.delete(value);
  sound.add(value);
  return null;
}

/** The parser quotes what it could not read, and that may be a password. */
const withoutSource = (message: string): string => message.replace(/(: | \(|").*$/s, '');

/** What aliases stand for: the last of that name before them. The parser looks for each through the whole document. */
function aliasesIn(document: Document): Map<Alias, Node> {
  const named = new Map<string, Node>();
  const found = new Map<Alias, Node>();
  visit(document, {
    Node(_, node) {
      const meant = isAlias(node) ? named.get(node.source) : undefined;
      if (isAlias(node) && meant) found.set(node, meant);
      else if (!isAlias(node) && node.anchor !== undefined) named.set(node.anchor, node);
    },
  });
  return found;
}

function offsetOf(
  document: Document,
  entries: MapEntries,
  aliased: ReadonlyMap<Alias, Node>,
  path: Path,
): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = aliased.get(node) ?? null;
    if (isMap(node)) {
      const pair = entries.of(node, String(part));
      if (!pair) break;
      node = isNode(pair.value) ? pair.value : null;
      const keyOffset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      // The value is what is wrong at the end of the path; around a missing setting, the key says more.
      const last = index === path.length - 1;
      offset = (last && isScalar(node) && node.source ? node.range?.[0] : keyOffset) ?? offset;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(part)];
      if (!isNode(item)) break;
      node = item;
      offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

interface RepeatedKey {
  path: Path;
  key: string;
  offset: number;
  first: number;
}

function repeatedKeys(document: Document): RepeatedKey[] {
  const found: RepeatedKey[] = [];
  visit(document, {
    Map(_, map, ancestors) {
      const seen = new Map<string, number>();
      for (const { key } of map.items) {
        const text = keyText(key);
        const offset = (isNode(key) ? key.range?.[0] : undefined) ?? 0;
        const first = seen.get(text);
        if (first === undefined) seen.set(text, offset);
        else if (text !== '<<') {
          found.push({ path: [...pathOf([...ancestors, map]), text], key: text, offset, first });
        }
      }
    },
  });
  return found;
}

/** The way down to the last of `nodes`, each inside the one before. */
function pathOf(nodes: readonly unknown[]): Path {
  const path: (string | number)[] = [];
  for (const [index, node] of nodes.entries()) {
    if (isPair(node)) path.push(keyText(node.key));
    else if (isSeq(node)) path.push(node.items.indexOf(nodes[index + 1]));
  }
  return path;
}
