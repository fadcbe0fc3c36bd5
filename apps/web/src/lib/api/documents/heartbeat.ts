import { type FragmentOf, graphql } from '#lib/api/graphql.ts';

export const heartbeatFields = graphql(`
  fragment HeartbeatFields on HeartbeatReading {
    pair
    table
    serverId
    lagMs
    uncertaintyMs
    clock
    intervalMs
    beat
    evidence
  }
`);

export type Heartbeat = FragmentOf<typeof heartbeatFields>;

/** Says nothing of a pair that has no heartbeat configured. */
export const heartbeatRead = graphql(
  `
    subscription HeartbeatOfPair($pair: String!) {
      heartbeat(pair: $pair) {
        ...HeartbeatFields
      }
    }
  `,
  [heartbeatFields],
);
