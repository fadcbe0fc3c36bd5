export { ServerUnavailable, type ServerBinaries } from './binaries/binaries.ts';
export { findOrInstall, type FindOptions } from './binaries/find-or-install.ts';
export { findHaproxy, findNginx, findPromtool } from './binaries/programs.ts';
export { buildOnce } from './build-once.ts';
export { cacheFolder } from './cache.ts';
export { otherReleases, type Flavour, type Release } from './flavour.ts';
export type { Cluster, ClusterKind } from './cluster/cluster.ts';
export { heldTransfer, startGalera, wsrepStatus } from './cluster/galera.ts';
export { groupName, memberState, startGroup } from './cluster/group-replication.ts';
export { createFreshSchema, type FreshSchema, type Pair } from './fresh-schema.ts';
export { createMonitorUser } from './monitor-user.ts';
export { pausingProxy, type PausingProxy } from './pausing-proxy.ts';
export { endProcess, spawnGuarded } from './process/guarded-process.ts';
export { guard, type Guardian } from './process/guardian.ts';
export { freePort, isFree } from './process/free-port.ts';
export { type Alertmanager, startAlertmanager } from './process/start-alertmanager.ts';
export { startNginx, type Nginx } from './process/start-nginx.ts';
export { startServer, type StartOptions } from './process/start-server.ts';
export { TestServer } from './process/test-server.ts';
export { progress } from './progress.ts';
export { caughtUp } from './replication/caught-up.ts';
export {
  forgetSource,
  replicaStatus,
  replicate,
  startReplica,
  stopReplica,
  type ReplicateOptions,
} from './replication/replicate.ts';
export { startPair, type OwnPair, type PairOptions } from './replication/start-pair.ts';
export { lastLines, run } from './run.ts';
export { ServerHandle, type Credentials, type ServerInfo } from './server-handle.ts';
export { id, type Connection, type Row, type Value } from './sql.ts';
export { steppedClock, type SteppedClock } from './stepped-clock.ts';
export { findAlertmanager } from './binaries/alertmanager.ts';
export { type Haproxy, startHaproxy } from './haproxy.ts';
export {
  dividingProxy,
  failoverProxy,
  type MovableProxy,
  poolingProxy,
  type SharingProxy,
  sharingProxy,
} from './pooling-proxies.ts';
export {
  belatedProxy,
  cachingProxy,
  endingProxy,
  loggedIn,
  multiplexingProxy,
  settled,
  splittingProxy,
  statementProxy,
  type StatementProxy,
} from './statement-proxy.ts';
export { chromiumToLaunch, findChromium } from './suite/chromium.ts';
