import { type FragmentOf, graphql } from '#lib/api/graphql.ts';

export const alertFields = graphql(`
  fragment AlertFields on Alert {
    id
    fingerprint
    rule
    severity
    state
    pair
    server
    table
    tableName {
      schema
      name
    }
    summary
    evidence
    wasWrong
    first {
      at
      severity
      evidence
    }
    worst {
      at
      severity
      evidence
    }
    last {
      at
      severity
      evidence
    }
    clearingSince
    startedAt
    firedAt
    updatedAt
    resolvedAt
    noData
    acknowledged {
      by
      at
      note
    }
    silencedUntil
    silencedBy
    inhibitedBy
    deliveries {
      destination
      told
      severity
      state
      at
      attempts
      error
    }
  }
`);

export type Alert = FragmentOf<typeof alertFields>;
export type Severity = Alert['severity'];

export const alertsChanged = graphql(
  `
    subscription Alerts {
      alerts {
        ...AlertFields
      }
    }
  `,
  [alertFields],
);

export const alertPage = graphql(
  `
    query AlertPage(
      $states: [AlertState!]
      $severities: [Severity!]
      $pair: String
      $first: Int!
      $after: String
    ) {
      alerts(states: $states, severities: $severities, pair: $pair, first: $first, after: $after) {
        nodes {
          ...AlertFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  `,
  [alertFields],
);

export const overAlertsOfPair = graphql(`
  query OverAlertsOfPair($pair: String!, $first: Int!) {
    alerts(states: [RESOLVED], pair: $pair, first: $first) {
      nodes {
        summary
        table
        firedAt
        resolvedAt
      }
    }
  }
`);

const alertAnswer = graphql(
  `
    fragment AlertAnswer on AlertResult {
      __typename
      ... on Alert {
        ...AlertFields
      }
      ... on RequestError {
        code
        message
      }
    }
  `,
  [alertFields],
);

export const acknowledgeAlert = graphql(
  `
    mutation AcknowledgeAlert($id: ID!, $note: String) {
      acknowledgeAlert(id: $id, note: $note) {
        ...AlertAnswer
      }
    }
  `,
  [alertAnswer],
);

export const unacknowledgeAlert = graphql(
  `
    mutation UnacknowledgeAlert($id: ID!) {
      unacknowledgeAlert(id: $id) {
        ...AlertAnswer
      }
    }
  `,
  [alertAnswer],
);

export const silenceAlert = graphql(
  `
    mutation SilenceAlert($id: ID!, $until: DateTime!) {
      silenceAlert(id: $id, until: $until) {
        ...AlertAnswer
      }
    }
  `,
  [alertAnswer],
);

export const unsilenceAlert = graphql(
  `
    mutation UnsilenceAlert($id: ID!) {
      unsilenceAlert(id: $id) {
        ...AlertAnswer
      }
    }
  `,
  [alertAnswer],
);
