import './alert.ts';
import './audit.ts';
import './config.ts';
import './delivery.ts';
import './group.ts';
import './silence.ts';
import './health.ts';
import './lag.ts';
import './pair.ts';
import './reconfigured.ts';
import './replication.ts';
import './run.ts';
import './scalars.ts';
import './schedule.ts';
import './server.ts';
import './table.ts';
import './tables.ts';
import './test-notification.ts';
import './version.ts';
import './viewer.ts';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { audited } from './audited.ts';
import { builder } from './builder.ts';

export const schema = audited(builder.toSchema());

/** The text of `schema.graphql`, the contract with the page and everybody else. */
export function printedSchema(): string {
  return `# Printed from apps/api/src/graphql by \`npm run schema -w lockstep\`.\n\n${printSchema(lexicographicSortSchema(schema))}\n`;
}
