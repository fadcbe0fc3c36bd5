import type { Alert } from './alert.ts';
import type { GroupState } from './group.ts';
import type { HeartbeatReading } from './heartbeat.ts';
import type { LagSample } from './lag.ts';
import type { PairEvent, PairState } from './pair.ts';
import type { Reconfigured } from './reconfigured.ts';
import type { ReplicationStatus } from './replication.ts';
import type { Run } from './run.ts';
import type { ServerState } from './server.ts';
import type { SilenceState } from './silence.ts';
import type { TableResult } from './verdict.ts';

/** Everything that the engine tells the world, each complete in itself so that nobody needs to ask again. */
export type EngineEvent =
  | { type: 'lag'; pair: string; data: LagSample }
  | { type: 'heartbeat'; pair: string; data: HeartbeatReading }
  | { type: 'replication'; pair: string; data: ReplicationStatus }
  /** State, pause or table counts changed; lag samples alone do not cause it. */
  | { type: 'pair'; pair: string; data: PairState }
  | { type: 'pairEvent'; pair: string; data: PairEvent }
  | { type: 'server'; pair: null; data: ServerState }
  /** A member's state or the group's changed, or, about once a second, what is measured of them. */
  | { type: 'group'; pair: null; data: GroupState }
  /** Progress (a few times a second at most) and every change of state. */
  | { type: 'run'; pair: string; data: Run }
  /** Without `rows`, which may be many: ask for the differences of the table. */
  | { type: 'table'; pair: string; data: Omit<TableResult, 'rows'> }
  | { type: 'alert'; pair: string | null; data: Alert }
  /** A silence by matcher was made or ended, by a person or by the clock. */
  | { type: 'silence'; pair: null; data: SilenceState }
  /** Another configuration holds from now on: pairs and servers may have come or gone. */
  | { type: 'configuration'; pair: null; data: Reconfigured };

export type Publish = (event: EngineEvent) => void;
