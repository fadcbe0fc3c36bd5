import { GraphQLError } from 'graphql';

/** What a subscriber of plain events is told who lost some: they came faster than it took them. */
export interface Missed {
  type: 'missed';
  data: { count: number; catchUp: string };
}

const catchUp =
  'what is so now comes first when you subscribe again; what happened meanwhile is in the lists (alerts, runs, events), newest first';

export function missed(count: number): Missed {
  return { type: 'missed', data: { count, catchUp } };
}

/** The same for GraphQL, where a stream has room for nothing but its values: it ends with this. */
export function missedError(count: number): GraphQLError {
  const values = count === 1 ? '1 value' : `${count} values`;
  return new GraphQLError(`${values} came faster than you took them and are missing here: ${catchUp}.`, {
    extensions: { code: 'MISSED', missed: count },
  });
}
