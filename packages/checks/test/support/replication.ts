import type { ChannelStatus } from '../../src/model/replication.ts';
import type { Flavour } from '../../src/model/server.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';

/** A healthy channel, but for what the test is about. */
export function channel(but: Partial<ChannelStatus> = {}): ChannelStatus {
  return {
    name: '',
    sourceHost: '10.0.0.1',
    sourcePort: 3306,
    sourceIdentity: null,
    receiver: 'running',
    applier: 'running',
    receiverError: null,
    applierError: null,
    applierActivity: null,
    intendedDelayMs: 0,
    serverLagMs: 0,
    usesGtid: true,
    parallelWorkers: null,
    relayLogBytes: null,
    appliedFile: null,
    appliedOffset: null,
    receivedFile: null,
    receivedOffset: null,
    receivedGtid: null,
    filters: [],
    ...but,
  };
}

export function facts(flavour: Flavour, but: Partial<ServerFacts> = {}): ServerFacts {
  const mysql = flavour === 'mysql';
  return {
    flavour,
    versionText: mysql ? '8.4.3' : '10.11.6-MariaDB',
    version: mysql ? [8, 4, 3] : [10, 11, 6],
    identity: mysql ? 'u9' : '9',
    instance: mysql ? { server_uuid: 'u9' } : { server_id: '9' },
    foldsNames: false,
    uuid: mysql ? 'u9' : '',
    serverId: '9',
    gtidMode: true,
    binlog: true,
    ...but,
  };
}
