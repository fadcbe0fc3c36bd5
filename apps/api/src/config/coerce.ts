import { parse } from 'yaml';
import { z } from 'zod';
import { forms } from './schema-walk.ts';

/**
 * What a text from the environment means where this schema rules: a number, true or false, a list (`a,b` or
 * `[a, b]`), a map (`{…}`), or the text itself. What does not fit stays text, for the schema to name.
 */
export function coerce(schema: z.core.$ZodType, text: string): unknown {
  const possible = forms(schema);
  const takes = (kind: abstract new (...args: never[]) => z.core.$ZodType) =>
    possible.some((form) => form instanceof kind);

  if (/^\s*[[{]/.test(text) && (takes(z.ZodArray) || takes(z.ZodObject) || takes(z.ZodRecord))) {
    try {
      return parse(text) as unknown;
    } catch {
      return text;
    }
  }
  for (const form of possible) {
    const literal =
      form instanceof z.ZodLiteral ? [...form.values].find((value) => String(value) === text) : undefined;
    if (literal !== undefined) return literal;
  }
  if (takes(z.ZodArray)) {
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  if (takes(z.ZodString)) return text;
  if (takes(z.ZodNumber) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (takes(z.ZodBoolean) && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}
