import type { Condition } from './condition.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Marks what is unknown of an address behind which there are several servers, and of the pairs that have it for a side:
 * what was seen of it before was of one server now and of another then. Null where there is no such address.
 */
export function ofSeveral({ servers, pairs }: Snapshot): ((said: Condition) => Condition) | null {
  const several = new Map<string, string>();
  for (const { name, balances } of servers) if (balances) several.set(name, `${name}: ${balances}`);
  if (several.size === 0) return null;
  const sides = new Map<string, string>();
  for (const { config } of pairs) {
    const of = several.get(config.target) ?? several.get(config.source);
    if (of !== undefined) sides.set(config.name, of);
  }
  return (said) => {
    if (said.status !== 'unknown') return said;
    const { server, pair } = said.subject;
    const of = server === undefined ? sides.get(pair ?? '') : several.get(server);
    return of === undefined ? said : { ...said, ofSeveral: of };
  };
}
