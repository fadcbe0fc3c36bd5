import { writeFileSync } from 'node:fs';
import { printedSchema } from './schema.ts';
import { schemaFile } from './schema-file.ts';

writeFileSync(schemaFile, printedSchema());
