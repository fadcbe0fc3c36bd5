import { type FragmentOf, graphql } from '#lib/api/graphql.ts';

export const replicationFields = graphql(`
  fragment ReplicationFields on ReplicationStatus {
    pair
    at
    attribution
    errant
    errantCount
    errantKnown
    evidence
    channel {
      name
    }
    channels {
      name
      sourceHost
      sourcePort
      sourceIdentity
      receiver
      applier
      receiverError {
        code
        message
        at
      }
      applierError {
        code
        message
        at
      }
      applierActivity
      intendedDelayMs
      serverLagMs
      usesGtid
      parallelWorkers
      relayLogBytes
      appliedFile
      appliedOffset
      receivedFile
      receivedOffset
      receivedGtid
      filters
    }
  }
`);

export type Replication = FragmentOf<typeof replicationFields>;
export type Channel = NonNullable<Replication['channels']>[number];

export const replicationRead = graphql(
  `
    subscription ReplicationOfPair {
      replication {
        ...ReplicationFields
      }
    }
  `,
  [replicationFields],
);
