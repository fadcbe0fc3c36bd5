import { relate } from '../position/contains.ts';
import { formatMariadbGtidList, parseMariadbGtidList } from '../position/mariadb-gtid-list.ts';
import { type Position, shortened } from '../position/position.ts';
import type { AppliedOutside, BroughtBack } from './applied-outside.ts';
import type { PositionSample } from './position-sample.ts';
import type { Route } from './replica-lag-monitor.ts';

export interface MissedOutsideOptions {
  source: { name: string };
  target: { name: string };
  groups: {
    appliedOutside: Pick<AppliedOutside, 'away' | 'back'>;
    members: { membership: (server: string) => { group: string } | null };
  };
}

/** Follows whether a node missed what another one of its cluster got by its channel while that one was out. */
export class MissedOutside {
  readonly #options: MissedOutsideOptions;
  readonly #known = new WeakSet<BroughtBack>();
  /** What the target had when each was seen out last: what follows tells nothing of what came meanwhile. */
  readonly #then = new Map<string, Position>();

  constructor(options: MissedOutsideOptions) {
    this.#options = options;
  }

  /** At every look at the target, beside what the source has; a sentence once each time, null for nothing. */
  notice(route: Route | null, { gtid }: PositionSample, source: Position | null): string | null {
    const { target, groups } = this.#options;
    if (route?.throughCluster !== true || source?.kind !== 'mariadb-gtid') return null;
    for (const server of groups.appliedOutside.away) this.#then.set(server, gtid.source);
    const group = groups.members.membership(target.name)?.group;
    for (const back of groups.appliedOutside.back) {
      if (back.server === target.name || groups.members.membership(back.server)?.group !== group) continue;
      if (this.#known.has(back)) continue;
      this.#known.add(back);
      const brought = ofDomains(back.applied, source);
      const had = this.#then.get(back.server) ?? gtid.source;
      if (brought !== null && relate(had, brought) !== 'has') return this.#missed(back.server, brought);
    }
    return null;
  }

  #missed(server: string, { text }: Position): string {
    const { source, target } = this.#options;
    return `${server} took no part in its cluster while it got changes of ${source.name} by its channel, up to ${shortened(text)}, and nobody sends those to ${target.name}: whether ${target.name} has all that came from ${source.name} is not known until all tables were compared`;
  }
}

/** In the domains that the source has; null where that is nothing. */
function ofDomains(applied: Position, source: Position): Position | null {
  if (applied.kind !== 'mariadb-gtid') return null;
  const domains = parseMariadbGtidList(source.text);
  const list = new Map([...parseMariadbGtidList(applied.text)].filter(([domain]) => domains.has(domain)));
  return list.size === 0 ? null : { kind: 'mariadb-gtid', text: formatMariadbGtidList(list) };
}
