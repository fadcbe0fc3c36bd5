import type { AlertMatcher } from '../../model/silence.ts';
import { EngineRequestError } from '../../request-error.ts';
import { tablePattern } from '../../table-pattern.ts';
import { wildcards } from '../../wildcards.ts';
import type { About } from './about.ts';

export type Matches = (about: About) => boolean;

const longestPattern = 200;
const mostLabels = 50;

/** Throws EngineRequestError for a matcher that says nothing: all alerts are not silenced by leaving something out. */
export function matcherOf({ pair, rule, server, table, labels = {} }: AlertMatcher): Matches {
  const patterns = [pair, rule, server, table, ...Object.values(labels)].filter((each) => each !== undefined);
  if (patterns.length === 0) {
    throw new EngineRequestError(
      'INVALID',
      'a silence says which alerts it means; "*" as the rule means all',
    );
  }
  if (patterns.some((pattern) => pattern === '' || pattern.length > longestPattern)) {
    throw new EngineRequestError('INVALID', `a pattern has 1 to ${longestPattern} characters`);
  }
  // Each alert is held against them.
  const wanted = Object.entries(labels);
  if (wanted.length > mostLabels) {
    throw new EngineRequestError('INVALID', `a silence names at most ${mostLabels} labels`);
  }
  const [ofPair, ofRule, ofServer] = [pair, rule, server].map((pattern) =>
    pattern === undefined ? null : wildcards(pattern),
  );
  const ofTable = table === undefined ? null : tablePattern(table);
  return (about) =>
    (!ofPair || (about.pair !== null && ofPair(about.pair))) &&
    (!ofRule || ofRule(about.rule)) &&
    (!ofServer || about.servers.some((name) => ofServer(name))) &&
    (!ofTable || (about.table !== null && ofTable(about.table))) &&
    wanted.every(([name, value]) => about.labels[name] === value);
}
