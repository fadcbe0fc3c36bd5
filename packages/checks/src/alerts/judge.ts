import { Mishaps, type Struck } from '../mishaps.ts';
import type { ServerState } from '../model/server.ts';
import type { Condition } from './condition/condition.ts';
import { ofSeveral } from './condition/of-several.ts';
import type { PairSnapshot, Snapshot, StandingResult } from './condition/snapshot.ts';
import { toldApart } from './condition/told-apart.ts';
import { isQuiet, judgeTable } from './judge-table.ts';
import { checkFailing } from './rules/check-failing.ts';
import { clockWrong } from './rules/clock-wrong.ts';
import { connectionLost } from './rules/connection-lost.ts';
import { connectionUnstable } from './rules/connection-unstable.ts';
import { errantTransactions } from './rules/errant-transactions.ts';
import { groups } from './rules/groups.ts';
import { internalErrors } from './rules/internal-error.ts';
import { lag } from './rules/lag.ts';
import { lagUnknown } from './rules/lag-unknown.ts';
import { neverVerified } from './rules/never-verified.ts';
import { privilegeMissing } from './rules/privilege-missing.ts';
import { readOnlyChanged } from './rules/read-only-changed.ts';
import { replicationBroken } from './rules/replication-broken.ts';
import { replicationMissing } from './rules/replication-missing.ts';
import { replicationRepointed } from './rules/replication-repointed.ts';
import { replicationStopped } from './rules/replication-stopped.ts';
import { serverReplaced } from './rules/server-replaced.ts';
import { storageDegraded } from './rules/storage-degraded.ts';
import { allVerified, isUnverified } from './rules/table-unverified.ts';

/** What alerts there are. */
export interface OpenAlerts {
  has: (fingerprint: string) => boolean;
  /** The shown names of the tables of a pair that have some. */
  tablesOf: (pair: string) => Iterable<string>;
}

/** Something about this could not be judged, for an error that nobody expected: what alerts it has stay as they are. */
export interface Unjudged {
  unjudged: Struck;
}

/** What a rule said; null: nothing, but the judge may be held here. */
export type Judged = Condition | Unjudged | null;

/**
 * All rules on everything. Whatever it says nothing about does not exist any more; but where `alerts` is given, what is
 * well and has no alert is passed over, for there may be tens of thousands of tables, and most are well.
 */
export function judge(snapshot: Snapshot, alerts?: OpenAlerts): Condition[] {
  return [...judging(snapshot, alerts)].filter((judged) => judged !== null && 'rule' in judged);
}

/** The same, one after the other, for whoever has no time for all at once. A rule that fails costs what it judged. */
export function* judging(
  snapshot: Snapshot,
  alerts?: OpenAlerts,
  mishaps: Mishaps = new Mishaps(),
): Generator<Judged, void, undefined> {
  const servers = new Map(snapshot.servers.map((server) => [server.name, server]));
  const marked = ofSeveral(snapshot);
  /** Two dozen rules on thousands of pairs: of most there is nothing to say, and nothing is made for that. */
  const say = (struck: Struck, rule: () => Condition | readonly Condition[]): readonly Judged[] => {
    let said: Condition | readonly Condition[];
    try {
      said = rule();
    } catch (error) {
      mishaps.happened('judging', error, struck);
      return [{ unjudged: struck }];
    }
    const news = 'rule' in said ? (isNews(said) ? [said] : nothing) : alerts ? said.filter(isNews) : said;
    return marked ? news.map(marked) : news;
  };
  const isNews = ({ status, fingerprint }: Condition): boolean =>
    !alerts || status !== 'false' || alerts.has(fingerprint);
  yield* say({}, () => storageDegraded(snapshot.storage));
  yield* say({}, () => internalErrors(snapshot.mishaps ?? [], snapshot.at));
  for (const server of snapshot.servers) {
    const struck = { server: server.name };
    for (const rule of serverRules) yield* say(struck, () => rule(server));
  }
  for (const group of snapshot.groups ?? []) yield* say({}, () => groups(group));
  for (const pair of snapshot.pairs) {
    yield null;
    const { name, source, target } = pair.config;
    const struck = { pair: name };
    const sides = [servers.get(source), servers.get(target)].filter((server) => server !== undefined);
    for (const rule of pairRules) yield* say(struck, () => rule(pair, sides, snapshot));
    for (const result of toJudge(pair, snapshot, alerts !== undefined)) {
      yield null;
      if (result) yield* say(struck, () => judgeTable(result, pair, snapshot));
    }
    for (const table of alerts?.tablesOf(name) ?? []) {
      yield null;
      const result = pair.resultOf?.(table);
      if (result && isQuiet(result, pair, snapshot)) {
        yield* say(struck, () => judgeTable(result, pair, snapshot));
      }
    }
  }
}

const nothing: readonly Condition[] = [];

/** The results that rules have something to say of; null: one that is passed over. */
function* toJudge(
  pair: PairSnapshot,
  snapshot: Snapshot,
  passOver: boolean,
): Generator<StandingResult | null, void, undefined> {
  if (!passOver) {
    yield* pair.results;
    return;
  }
  const { notable, well } = toldApart(pair.results);
  yield* notable;
  for (const each of well) {
    if (allVerified(each, pair, snapshot)) continue;
    for (const result of each.results) yield isUnverified(result, pair, snapshot) ? result : null;
  }
}

const serverRules: ((server: ServerState) => Condition)[] = [
  connectionLost,
  connectionUnstable,
  privilegeMissing,
  clockWrong,
];

type PairRule = (
  pair: PairSnapshot,
  sides: ServerState[],
  snapshot: Snapshot,
) => Condition | readonly Condition[];

const pairRules: PairRule[] = [
  replicationMissing,
  replicationBroken,
  replicationStopped,
  replicationRepointed,
  (pair, _, { at }) => lag(pair, at),
  (pair, sides, { at }) => lagUnknown(pair, sides, at),
  readOnlyChanged,
  (pair, sides, { at }) => serverReplaced(pair, sides, at),
  errantTransactions,
  checkFailing,
  (pair, _, { unverifiedForMs }) => neverVerified(pair, unverifiedForMs),
];
