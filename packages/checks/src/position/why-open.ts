import { countedOnly, leavesOutOthers, openDomains, readsElsewhere, relate, sameOwner } from './contains.ts';
import type { Position } from './position.ts';

/** So many domains are explained. */
const mostTold = 5;

/** What keeps a target's position from having what is wanted, or from telling; null where there is no more to say. */
export function whyOpen(applied: Position, wanted: Position, now: Position = wanted): string | null {
  if (wanted.kind === 'mysql-gtid' && wanted.mode !== undefined) {
    return `with gtid_mode = ${wanted.mode} the source may write without GTIDs, so whether it has all of that cannot be told by them`;
  }
  if (applied.kind === 'mysql-gtid' && applied.mode !== undefined) {
    return `with gtid_mode = ${applied.mode} it takes changes without GTIDs, which may be on their way, so whether it has all of that cannot be told by them`;
  }
  if (
    applied.kind === 'file' &&
    wanted.kind === 'file' &&
    applied.of &&
    relate(applied, wanted) === 'unknown'
  ) {
    return wanted.of && sameOwner(applied.of, wanted.of)
      ? 'whether it takes each replication domain for itself was changed since its status was read, so what its place proves is not known'
      : `it reads from ${applied.of.host}:${applied.of.port} now, whose binlog its place is in`;
  }
  if (applied.kind !== 'mariadb-gtid' || wanted.kind !== 'mariadb-gtid') return null;
  if (leavesOutOthers(applied, wanted)) {
    return 'which domains its channel leaves out (IGNORE_DOMAIN_IDS, DO_DOMAIN_IDS) was changed since its status was read, or is not told any more';
  }
  if (readsElsewhere(applied, wanted)) {
    return `it reads from ${applied.from ?? 'a server that is not told'} now, and from ${wanted.from} when its status was read: what comes from there was not waited for`;
  }
  const counted = countedOnly(applied, wanted);
  if (counted !== null) {
    return `it counts ${counted} as applied and did not log it, as what a channel leaves out; whether another one brings that may not be seen`;
  }
  const domains = wanted.text.split(',').length;
  const sentences = openDomains(applied, wanted, now).flatMap(
    ({ domain, wanted: gtid, reached, foreign, disordered }) => {
      const asked = `${domain}-${gtid.server}-${gtid.sequence}`;
      const there = reached && `${domain}-${reached.server}-${reached.sequence}`;
      if (foreign) {
        return `in domain ${domain} it is at ${there}, which is not of the source's history, so whether it has ${asked} cannot be told; servers that write independently need a gtid_domain_id each`;
      }
      if (disordered) {
        return `in domain ${domain} it is at ${there}, and the numbers of ${asked} and ${there} are not in the order in which the source has them (as where a binlog is read in again), so whether it has ${asked} cannot be told`;
      }
      if (!there && applied.text !== '') {
        return `of domain ${domain} it has nothing, while it has of others: if a server in between leaves it out (IGNORE_DOMAIN_IDS), ${asked} will never come`;
      }
      return there && domains > 1 ? `in domain ${domain} it is at ${there}, not yet at ${asked}` : [];
    },
  );
  if (sentences.length === 0) return null;
  const more = sentences.length - mostTold;
  return sentences.slice(0, mostTold).join('; ') + (more > 0 ? `; and so on for ${more} more domains` : '');
}

/** Only domains are missing of which the target has nothing at all, while it has of others. */
export function onlyUnheardOf(applied: Position, wanted: Position): boolean {
  if (applied.kind !== 'mariadb-gtid' || wanted.kind !== 'mariadb-gtid' || applied.text === '') return false;
  return openDomains(applied, wanted).every(({ reached }) => !reached);
}
