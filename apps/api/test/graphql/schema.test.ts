import { readFileSync } from 'node:fs';
import {
  buildSchema,
  findBreakingChanges,
  isEnumType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { printedSchema, schema } from '../../src/graphql/schema.ts';
import { releasedSchemaFile, schemaFile } from '../../src/graphql/schema-file.ts';

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

test('nothing that clients of the last release ask for is broken', () => {
  const released = buildSchema(readFileSync(releasedSchemaFile, 'utf8'));
  expect(findBreakingChanges(released, schema).map(({ description }) => description)).toEqual([]);
});

test('every scalar of its own says by what it is specified', () => {
  const own = Object.values(schema.getTypeMap()).filter(
    (type) => isScalarType(type) && !isSpecifiedScalarType(type),
  );
  expect(own.map(({ name }) => name).sort()).toEqual(['BigInt', 'DateTime']);
  for (const type of own) {
    expect(type).toMatchObject({ specifiedByURL: expect.stringMatching(/^https:/) as string });
  }
});
