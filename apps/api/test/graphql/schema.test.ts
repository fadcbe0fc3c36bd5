import { readFileSync } from 'node:fs';
import { isEnumType, isIntrospectionType, isObjectType, isSpecifiedScalarType } from 'graphql';
import { expect, test } from 'vitest';
import { printedSchema, schema } from '../../src/graphql/schema.ts';
import { schemaFile } from '../../src/graphql/schema-file.ts';

test('schema.graphql is what the code prints: after a change, run npm run schema -w lockstep', () => {
  expect(readFileSync(schemaFile, 'utf8')).toBe(printedSchema());
});

test('every type, field, argument and enum value has a description', () => {
  const bare: string[] = [];
  const look = (name: string, described: { description?: string | null | undefined }) => {
    if (!described.description?.trim()) bare.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    look(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      look(`${type.name}.${field.name}`, field);
      for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name}:)`, arg);
    }
  }
  expect(bare).toEqual([]);
});
