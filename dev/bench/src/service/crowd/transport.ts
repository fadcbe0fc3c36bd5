/** How a subscriber hears of a pair's lag. */
export type Transport = 'graphql' | 'sse' | 'ws';

export const transports: readonly Transport[] = ['graphql', 'sse', 'ws'];

export const titles: Record<Transport, string> = {
  graphql: 'GraphQL over WebSocket',
  sse: 'GraphQL over server-sent events',
  ws: '/ws',
};

export const pair = 'orders';

/** What the page asks for of a sample. */
export const query = `subscription { lag(pair: "${pair}") { pair at lagMs uncertaintyMs method transactionsBehind serverLagMs evidence } }`;
