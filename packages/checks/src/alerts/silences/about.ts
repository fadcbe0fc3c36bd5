import type { PairConfig } from '../../config.ts';
import type { Alert } from '../../model/alert.ts';
import type { TableName } from '../../table-name.ts';

/** What an alert is about, in all the words that it may be chosen by. */
export interface About {
  rule: string;
  pair: string | null;
  /** The one that it is about, or both sides of its pair. */
  servers: readonly string[];
  table: TableName | null;
  labels: Readonly<Record<string, string>>;
}

/** Answers what an alert is about, where these are the pairs. */
export function aboutAlerts(pairs: readonly PairConfig[]): (alert: Alert) => About {
  const byName = new Map(pairs.map((pair) => [pair.name, pair]));
  const ofServer = Map.groupBy(
    pairs.flatMap(({ source, target, labels = {} }) => [
      { server: source, labels },
      { server: target, labels },
    ]),
    ({ server }) => server,
  );
  return ({ rule, pair, server, tableName: table }) => {
    const config = pair === null ? undefined : byName.get(pair);
    const servers = new Set([server, config?.source, config?.target].filter((name) => name != null));
    const labels = config ? config.labels : shared(ofServer.get(server ?? '')?.map(({ labels }) => labels));
    return { rule, pair, servers: [...servers], table, labels: labels ?? {} };
  };
}

/** The labels that all have: what holds for some of a server's pairs does not hold for the server. */
function shared([first = {}, ...others]: Readonly<Record<string, string>>[] = []): Record<string, string> {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  );
}
