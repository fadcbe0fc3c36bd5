import { z } from 'zod';
import { isMap, type Path } from './path.ts';

/** What stands in the file: without defaults, optionality and what is made of it afterwards. */
export function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return bare(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return bare(schema.def.in);
  return schema;
}

/** The forms that a setting can take, unions resolved. */
export function forms(schema: z.core.$ZodType): z.core.$ZodType[] {
  const plain = bare(schema);
  return plain instanceof z.ZodUnion ? plain.def.options.flatMap(forms) : [plain];
}

/** The form that a value of this shape (map, list or scalar) has to follow, if there is one. */
export function formOf(schema: z.core.$ZodType, value: unknown): z.core.$ZodType | undefined {
  return forms(schema).find((form) => {
    if (isMap(value)) return form instanceof z.ZodObject || form instanceof z.ZodRecord;
    if (Array.isArray(value)) return form instanceof z.ZodArray;
    return !(form instanceof z.ZodObject || form instanceof z.ZodRecord || form instanceof z.ZodArray);
  });
}

/** The settings that a map may hold; empty for what is no map, or a map of free names. */
export function knownKeys(schema: z.core.$ZodType): string[] {
  return forms(schema).flatMap((form) => (form instanceof z.ZodObject ? Object.keys(form.shape) : []));
}

export function childSchema(schema: z.core.$ZodType, part: string | number): z.core.$ZodType | undefined {
  for (const form of forms(schema)) {
    if (form instanceof z.ZodArray && typeof part === 'number') return form.element;
    if (typeof part === 'number') continue;
    if (form instanceof z.ZodRecord) return form.valueType;
    if (form instanceof z.ZodObject && Object.hasOwn(form.shape, part)) {
      return form.shape[part] as z.core.$ZodType;
    }
  }
  return undefined;
}

export function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  let current: z.core.$ZodType | undefined = schema;
  for (const part of path) current = current && childSchema(current, part);
  return current;
}

/** The default in the words of the file; undefined where there is none. */
export function defaultOf(schema: z.core.$ZodType): unknown {
  return schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined;
}

/** A section's name with nothing under it, as left behind by commenting out, is an empty section. */
export function fillEmptySections(schema: z.core.$ZodType, raw: unknown): unknown {
  if (raw === null) return forms(schema).every(holdsSettings) ? {} : null;
  if (Array.isArray(raw)) {
    return raw.map((item, index) => fillChild(schema, index, item));
  }
  if (!isMap(raw)) return raw;
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, fillChild(schema, key, value)]));
}

function fillChild(schema: z.core.$ZodType, part: string | number, value: unknown): unknown {
  const child = childSchema(schema, part);
  return child ? fillEmptySections(child, value) : value;
}

const holdsSettings = (form: z.core.$ZodType): boolean =>
  form instanceof z.ZodObject || form instanceof z.ZodRecord;
