import { type FragmentOf, graphql, type VariablesOf } from '#lib/api/graphql.ts';

export const silenceFields = graphql(`
  fragment SilenceFields on Silence {
    id
    matcher {
      pair
      rule
      server
      table
      labels {
        name
        value
      }
    }
    note
    by
    from
    until
    recurrence {
      cron
      timeZone
      durationMs
    }
    state
    activeUntil
    nextFrom
    endedBy
  }
`);

export type Silence = FragmentOf<typeof silenceFields>;

export const silencesNow = graphql(
  `
    query Silences {
      silences {
        ...SilenceFields
      }
    }
  `,
  [silenceFields],
);

export const silencesChanged = graphql(
  `
    subscription SilencesChanged {
      silences {
        ...SilenceFields
      }
    }
  `,
  [silenceFields],
);

export const silencePreview = graphql(`
  query SilencePreview($matcher: AlertMatcherInput!) {
    silencePreview(matcher: $matcher) {
      now
      lastWeek
      complete
      examples {
        id
        summary
        pair
        server
        table
      }
    }
  }
`);

const silenceAnswer = graphql(`
  fragment SilenceAnswer on SilenceResult {
    __typename
    ... on Silence {
      id
    }
    ... on RequestError {
      code
      message
    }
  }
`);

export const createSilence = graphql(
  `
    mutation CreateSilence(
      $matcher: AlertMatcherInput!
      $from: DateTime
      $until: DateTime
      $recurrence: RecurrenceInput
      $note: String
    ) {
      createSilence(matcher: $matcher, from: $from, until: $until, recurrence: $recurrence, note: $note) {
        ...SilenceAnswer
      }
    }
  `,
  [silenceAnswer],
);

export type NewSilence = VariablesOf<typeof createSilence>;
export type Matcher = NewSilence['matcher'];

export const endSilence = graphql(
  `
    mutation EndSilence($id: ID!) {
      endSilence(id: $id) {
        ...SilenceAnswer
      }
    }
  `,
  [silenceAnswer],
);

export const restoreSilence = graphql(
  `
    mutation RestoreSilence($id: ID!) {
      restoreSilence(id: $id) {
        ...SilenceAnswer
      }
    }
  `,
  [silenceAnswer],
);
