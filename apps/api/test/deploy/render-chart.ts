import { createHash } from 'node:crypto';
import { parseAllDocuments, stringify } from 'yaml';

type Value = unknown;
interface Scope {
  dot: Value;
  root: Value;
  vars: Map<string, Value>;
}

/**
 * What a template of the chart becomes. Understands of Helm's language what the chart uses, and throws at anything else
 * and at a value that is not there: no Helm can be had where the tests run.
 */
export function renderTemplate(text: string, data: Value): string {
  const parts = text
    .replaceAll(/\s*\{\{- /g, '{{ ')
    .replaceAll(/ -\}\}\s*/g, ' }}')
    .split(/\{\{\s*(.*?)\s*\}\}/s);
  let at = 0;

  /** From `at` to the `end` that belongs to it. */
  function block(scope: Scope, live: boolean): string {
    let out = '';
    while (at < parts.length) {
      const part = parts[at] ?? '';
      const isText = at++ % 2 === 0;
      const [, word = '', rest = ''] = /^(if|with|end|\$\w+ :=)(?: (.*))?$/s.exec(part) ?? [];
      if (isText) out += live ? part : '';
      else if (word === 'end') return out;
      else if (word === 'if' || word === 'with') {
        const value = live ? evaluate(rest, scope) : null;
        out += block(word === 'with' ? { ...scope, dot: value } : scope, live && !isEmpty(value));
      } else if (word !== '') scope.vars.set(word.replace(' :=', ''), evaluate(rest, scope));
      else if (live) out += shown(evaluate(part, scope));
    }
    return out;
  }
  return block({ dot: data, root: data, vars: new Map() }, true);
}

/** The objects of Kubernetes in a rendered template. */
export function objectsIn(text: string): Value[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.join('\n'));
    const value = document.toJS() as Value;
    return value === null ? [] : [value];
  });
}

function evaluate(pipeline: string, scope: Scope): Value {
  return pipeline.split(' | ').reduce<Value[]>((piped, command) => {
    const [first = '', ...others] = (command.match(/"[^"]*"|\S+/g) ?? []).map(String);
    if (!/^[a-z]/i.test(first)) return [operand(first, scope)];
    const work = functions[first];
    if (!work) throw new Error(`the chart's test knows no function ${first}`);
    return [work(...others.map((word) => operand(word, scope)), ...piped)];
  }, [])[0];
}

function operand(word: string, { dot, root, vars }: Scope): Value {
  if (word.startsWith('"')) return JSON.parse(word);
  if (/^\d+$/.test(word)) return Number(word);
  const [, variable = '', path = ''] = /^(\$\w*)?((?:\.\w*)*)$/.exec(word) ?? [];
  const from = variable === '' ? dot : variable === '$' ? root : vars.get(variable);
  return path
    .split('.')
    .filter(Boolean)
    .reduce<Value>((value, key) => {
      if (value === null || typeof value !== 'object' || !(key in value)) throw new Error(`no ${word}`);
      return (value as Record<string, Value>)[key];
    }, from);
}

const functions: Record<string, (...args: Value[]) => Value> = {
  toYaml: (value) => stringify(value).trimEnd(),
  nindent: (width, text) => `\n${String(text)}`.replaceAll('\n', `\n${' '.repeat(Number(width))}`),
  quote: (value) => JSON.stringify(shown(value)),
  default: (fallback, value) => (isEmpty(value) ? fallback : value),
  printf: (format, ...values) =>
    values.reduce<string>((text, value) => text.replace('%s', shown(value)), String(format)),
  trimSuffix: (suffix, text) => String(text).replace(new RegExp(`${String(suffix)}$`), ''),
  sha256sum: (text) => createHash('sha256').update(String(text)).digest('hex'),
  not: (value) => isEmpty(value),
  fail: (why) => {
    throw new Error(String(why));
  },
  len: (list) => (list as unknown[]).length,
};

function shown(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  throw new Error(`the chart prints ${JSON.stringify(value)}`);
}

function isEmpty(value: Value): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}
