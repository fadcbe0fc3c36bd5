import { writeFileSync } from 'node:fs';
import { schemaFile } from './schema-file.ts';
import { printedSchema } from './schema.ts';

writeFileSync(schemaFile, printedSchema());
