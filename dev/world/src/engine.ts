// What the world needs of the engine beyond its public face: the parts that are run in it, and the seam that it stands
// behind. By path, since nobody else should import these.
export { lag as lagRule } from '../../../packages/checks/src/alerts/rules/lag.ts';
export type { Condition } from '../../../packages/checks/src/alerts/condition/condition.ts';
export { LagManager } from '../../../packages/checks/src/lag/lag-manager.ts';
export type { WatchedState } from '../../../packages/checks/src/lag/replication-monitor.ts';
export type { LagSample } from '../../../packages/checks/src/model/lag.ts';
export type { PairSnapshot } from '../../../packages/checks/src/alerts/condition/snapshot.ts';
export type { PairState } from '../../../packages/checks/src/model/pair.ts';
export type { TableResult } from '../../../packages/checks/src/model/verdict.ts';
export type { PositionKind } from '../../../packages/checks/src/position/position.ts';
export type { ConnectionManager } from '../../../packages/checks/src/server/connection-manager.ts';
export type { Server } from '../../../packages/checks/src/server/server.ts';
export {
  type Lane,
  type QueryOptions,
  type ServerFacts,
  ServerFault,
  type SqlRow,
  type SqlServer,
  type SqlValue,
} from '../../../packages/checks/src/server/sql-server.ts';
export { RunControl } from '../../../packages/checks/src/verify/run/run-control.ts';
export { DefinitionReader } from '../../../packages/checks/src/verify/table/definitions.ts';
export { Turns } from '../../../packages/checks/src/verify/run/turns.ts';
export { checkTable } from '../../../packages/checks/src/verify/run/table-check.ts';
export type { Barrier } from '../../../packages/checks/src/verify/settle/barrier.ts';
export { ReplicationBarrier } from '../../../packages/checks/src/verify/settle/replication-barrier.ts';
