import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { formatProblem, loadConfig } from '../../src/config/index.ts';
import { defaultEvery } from '../../src/config/pair-settings.ts';
import { getIn, isMap, type Path, showPath } from '../../src/config/path.ts';
import { configSchema } from '../../src/config/schema.ts';
import { defaultOf, forms } from '../../src/config/schema-walk.ts';

const file = fileURLToPath(new URL('../../../../config.example.yaml', import.meta.url));
const text = readFileSync(file, 'utf8');
const active: unknown = parse(text);
// Alternatives stand behind a # with no space or with several; switched on, they repeat keys.
const [head = '', body = ''] = text.split(/^(?=servers:)/m);
const everything: unknown = parseDocument(head + body.replace(/^( *)#(?=\w| {2})/gm, '$1'), {
  uniqueKeys: false,
}).toJS();

describe('config.example.yaml', () => {
  test('is sound as it stands', () => {
    const result = loadConfig(file, {});
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([]);
  });

  test('shows every setting', () => {
    const missing = settings().filter(({ path }) => getIn(everything, path) === undefined);
    expect(missing.map(({ path }) => showPath(path))).toEqual([]);
  });

  test('shows no setting that does not exist', () => {
    const unknown = configSchema.safeParse(everything).error?.issues ?? [];
    expect(unknown.filter(({ code }) => code === 'unrecognized_keys')).toEqual([]);
  });

  test('shows the defaults that are in force', () => {
    const shown = settings().filter(
      ({ path, preset }) => preset !== undefined && getIn(active, path) !== undefined,
    );
    const values = shown.filter(({ preset }) => !isMap(preset));
    expect(values.length).toBeGreaterThan(40);
    for (const { path, preset } of values) {
      expect([showPath(path), getIn(active, path)]).toEqual([showPath(path), preset]);
    }
    for (const [check, every] of Object.entries(defaultEvery)) {
      expect(getIn(active, ['defaults', 'checks', check, 'every'])).toBe(every);
    }
  });
});

/** Every setting of the schema, at the places where the example has them. */
function settings(): { path: Path; preset: unknown }[] {
  const found: { path: Path; preset: unknown }[] = [];
  function walk(schema: z.core.$ZodType, path: Path): void {
    // A pair's own settings are those of defaults; its source is shown by name, its target written out.
    const [section, , key] = path;
    if (
      section === 'pairs' &&
      key !== undefined &&
      !['name', 'source', 'target', 'channel'].includes(String(key))
    ) {
      return;
    }
    if (path.length > 0) found.push({ path, preset: defaultOf(schema) });
    for (const form of forms(schema)) {
      if (section === 'pairs' && key === 'source') continue;
      if (form instanceof z.ZodObject) {
        for (const [name, child] of Object.entries(form.shape)) {
          walk(child as z.core.$ZodType, [...path, name]);
        }
      } else if (form instanceof z.ZodRecord) {
        // Of a map of free names whose values are no settings, there is only the map to show.
        if (holdsSettings(form.valueType)) walk(form.valueType, [...path, 'db1']);
      } else if (form instanceof z.ZodArray && holdsSettings(form.element)) {
        walk(form.element, [...path, 0]);
      }
    }
  }
  walk(configSchema, []);
  // The inline server's TLS is that of any server.
  return found.filter(({ path }) => !showPath(path).startsWith('pairs[0].target.tls.'));
}

function holdsSettings(schema: z.core.$ZodType): boolean {
  return forms(schema).some((form) => form instanceof z.ZodObject);
}
