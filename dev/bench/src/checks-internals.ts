// What benchmarks need of the engine beyond its public face: to run the row expression bare, and lag without checks.
// By path, since nobody else should import these.
export { AlertManager } from '../../../packages/checks/src/alerts/alert-manager.ts';
export type { Snapshot } from '../../../packages/checks/src/alerts/condition/snapshot.ts';
export { judge } from '../../../packages/checks/src/alerts/judge.ts';
export { PairBoard } from '../../../packages/checks/src/engine/pair-board.ts';
export { LagManager } from '../../../packages/checks/src/lag/lag-manager.ts';
export { ConnectionManager } from '../../../packages/checks/src/server/connection-manager.ts';
export type { SqlServer } from '../../../packages/checks/src/server/sql-server.ts';
export { tableSettings } from '../../../packages/checks/src/verify/run/basis.ts';
export { overrideFor } from '../../../packages/checks/src/verify/run/selection.ts';
export { readDefinition } from '../../../packages/checks/src/verify/table/catalog.ts';
export { chunkSum, rowExpression } from '../../../packages/checks/src/verify/row/row-expression.ts';
export { compareSchemas, releaseOf } from '../../../packages/checks/src/verify/table/schema-compare.ts';
export { qualified } from '../../../packages/checks/src/server/sql-text.ts';
