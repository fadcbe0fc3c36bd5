import { graphql, type ResultOf } from '#lib/api/graphql.ts';
import { serverFields } from './servers.ts';

export const settings = graphql(
  `
    query Settings {
      version
      viewer {
        role
        authRequired
      }
      health {
        ok
        evidence
        startedAt
        storage {
          ok
          file
          evidence
          buffered
          dropped
          bytes
        }
      }
      servers {
        ...ServerFields
      }
      schedules {
        pair
        check
        schedule
        nextRun
        window {
          hours
          open
          turnsAt
        }
        lastRun
      }
      config {
        file
        values {
          path
          value
          origin
          originName
        }
        destinations {
          name
          type
          waiting
          longestWaiting {
            at
            attempts
            error
          }
        }
      }
    }
  `,
  [serverFields],
);

export type Settings = ResultOf<typeof settings>;

export const sendTestNotification = graphql(`
  mutation SendTestNotification($destination: String) {
    sendTestNotification(destination: $destination) {
      __typename
      ... on TestNotification {
        destinations {
          name
          ok
          message
        }
      }
      ... on RequestError {
        code
        message
      }
    }
  }
`);
