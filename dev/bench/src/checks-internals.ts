// What benchmarks need of the engine beyond its public face: to run the row expression bare, and lag without checks.
// By path, since nobody else should import these.
export { LagManager } from '../../../packages/checks/src/lag/lag-manager.ts';
export { ConnectionManager } from '../../../packages/checks/src/server/connection-manager.ts';
export type { SqlServer } from '../../../packages/checks/src/server/sql-server.ts';
export { readDefinition } from '../../../packages/checks/src/verify/table/catalog.ts';
export { chunkSum, rowExpression } from '../../../packages/checks/src/verify/row/row-expression.ts';
export { compareSchemas, releaseOf } from '../../../packages/checks/src/verify/table/schema-compare.ts';
export { qualified } from '../../../packages/checks/src/server/sql-text.ts';
