import { type FragmentOf, graphql, type ResultOf } from '#lib/api/graphql.ts';
import { groupFields } from './group.ts';
import { lagFields } from './lag.ts';
import { replicationFields } from './replication.ts';
import { runFields } from './run.ts';
import { serverFields } from './servers.ts';

export const pairFields = graphql(
  `
    fragment PairFields on Pair {
      name
      source {
        name
      }
      target {
        name
      }
      labels {
        name
        value
      }
      state
      evidence
      since
      paused
      thresholds {
        warningMs
        criticalMs
      }
      tableCounts {
        total
        match
        different
        schemaDiffers
        missing
        unverified
        error
        pending
      }
      oldestVerification
      lag {
        ...LagFields
      }
      replication {
        ...ReplicationFields
      }
    }
  `,
  [lagFields, replicationFields],
);

export type Pair = FragmentOf<typeof pairFields>;
export type PairStateName = Pair['state'];

/**
 * Everything that is true now, of every pair and server: what the page starts from and returns to after a lost link.
 */
export const fleetNow = graphql(
  `
    query Fleet {
      pairs {
        ...PairFields
        activeRuns {
          ...RunFields
        }
      }
      servers {
        ...ServerFields
      }
      groups {
        ...GroupFields
      }
    }
  `,
  [pairFields, runFields, serverFields, groupFields],
);

export const pairsChanged = graphql(
  `
    subscription Pairs {
      pairs {
        ...PairFields
      }
    }
  `,
  [pairFields],
);

const pairAnswer = graphql(
  `
    fragment PairAnswer on PairResult {
      __typename
      ... on Pair {
        ...PairFields
      }
      ... on RequestError {
        code
        message
      }
    }
  `,
  [pairFields],
);

export const pausePair = graphql(
  `
    mutation PausePair($name: String!) {
      pausePair(name: $name) {
        ...PairAnswer
      }
    }
  `,
  [pairAnswer],
);

export const resumePair = graphql(
  `
    mutation ResumePair($name: String!) {
      resumePair(name: $name) {
        ...PairAnswer
      }
    }
  `,
  [pairAnswer],
);

export const eventFields = graphql(`
  fragment EventFields on PairEvent {
    id
    pair
    at
    kind
    state
    message
  }
`);

export type PairEvent = FragmentOf<typeof eventFields>;

export const eventsOfPair = graphql(
  `
    query EventsOfPair($pair: String!, $from: DateTime!, $statesFrom: DateTime!) {
      pair(name: $pair) {
        states: events(from: $statesFrom, to: $from, kinds: [STATE]) {
          ...EventFields
        }
        events(from: $from) {
          ...EventFields
        }
      }
    }
  `,
  [eventFields],
);

export type EventsOfPair = ResultOf<typeof eventsOfPair>;

export const eventHappened = graphql(
  `
    subscription PairEvents($pair: String!) {
      pairEvents(pair: $pair) {
        ...EventFields
      }
    }
  `,
  [eventFields],
);
