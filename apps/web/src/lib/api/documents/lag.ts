import { type FragmentOf, graphql, type ResultOf } from '#lib/api/graphql.ts';

export const lagFields = graphql(`
  fragment LagFields on LagSample {
    pair
    at
    lagMs
    uncertaintyMs
    method
    transactionsBehind
    serverLagMs
    evidence
  }
`);

export type LagSample = FragmentOf<typeof lagFields>;

/** Of all pairs, in lists: of hundreds of pairs, each sample for itself would keep the page at hearing them. */
export const lagsSampled = graphql(
  `
    subscription Lags {
      lags {
        ...LagFields
      }
    }
  `,
  [lagFields],
);

export const lagHistory = graphql(`
  query LagHistory($pair: String!, $from: DateTime!, $to: DateTime, $maxPoints: Int!) {
    pair(name: $pair) {
      lagHistory(from: $from, to: $to, maxPoints: $maxPoints) {
        from
        to
        minMs
        maxMs
        avgMs
        samples
      }
    }
  }
`);

export type LagBucket = NonNullable<ResultOf<typeof lagHistory>['pair']>['lagHistory'][number];

/** The last hour of every pair, as small as it can be: this is asked for hundreds of pairs at once. */
export const lagOfTheHour = graphql(`
  query LagOfTheHour($from: DateTime!, $maxPoints: Int!) {
    pairs {
      name
      lagHistory(from: $from, maxPoints: $maxPoints) {
        from
        to
        minMs
        maxMs
      }
    }
  }
`);
