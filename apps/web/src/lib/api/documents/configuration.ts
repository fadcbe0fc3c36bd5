import { graphql } from '#lib/api/graphql.ts';

export const configurationTakenUp = graphql(`
  subscription ConfigurationTakenUp {
    configuration {
      at
      pairs {
        added
        removed
      }
    }
  }
`);
