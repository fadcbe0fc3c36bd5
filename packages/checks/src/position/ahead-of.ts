import type { ServerFacts } from '../server/sql-server.ts';
import { highestOf, splitMariadbGtids } from './mariadb-gtid-list.ts';
import { formatMysqlGtidSet, parseMysqlGtidSet, subtractMysqlGtidSet } from './mysql-gtid-set.ts';
import type { Position } from './position.ts';

/** What a target has and its source does not show, each in the servers' own notation, '' for none. */
export interface Ahead {
  /** The source wrote it: it is being committed there, and was sent before it can be read. */
  own: string;
  /** Others wrote it: the source may get it yet, if it gets anything from others. */
  others: string;
}

/**
 * What the target wrote itself is left out: that is errant. `received`: all that a source that is a member of a group
 * of MySQL's has, and what it is yet to apply; null for others.
 */
export function aheadOf(
  source: Position,
  target: Position,
  facts: { source: ServerFacts; target: ServerFacts },
  received: Position | null = null,
): Ahead {
  if (source.kind === 'mysql-gtid' && target.kind === 'mysql-gtid') {
    const ahead = subtractMysqlGtidSet(parseMysqlGtidSet(target.text), parseMysqlGtidSet(source.text));
    const known = parseMysqlGtidSet([source.text, received?.text].filter(Boolean).join(','));
    const of = (wanted: (uuid: string) => boolean): string =>
      formatMysqlGtidSet(new Map([...ahead].filter(([origin]) => wanted(uuidOf(origin)))));
    const { source: s, target: t } = facts;
    const writers = new Set([...known.keys()].map(uuidOf));
    return {
      own: of((uuid) => uuid === s.uuid),
      // Of whom the source has nothing at all it gets nothing.
      others: of((uuid) => uuid !== s.uuid && uuid !== t.uuid && writers.has(uuid)),
    };
  }
  if (source.kind === 'mariadb-gtid' && target.kind === 'mariadb-gtid') {
    // A binlog's state is ahead of what can be read, so here nothing of the source's own is seen to be missing.
    const known = [source.state ?? '', source.text];
    const others = splitMariadbGtids(target.text).filter(({ domain, server, sequence }) => {
      if (server === facts.source.serverId && domain !== facts.source.wsrepGtid?.cluster) return false;
      if (server === facts.target.serverId) return false;
      const had = known.flatMap((text) => highestOf(text, domain, server) ?? []);
      return had.length > 0 && had.every((highest) => highest < sequence);
    });
    return { own: '', others: others.map((g) => `${g.domain}-${g.server}-${g.sequence}`).join(',') };
  }
  return { own: '', others: '' };
}

/** Without the tag. */
function uuidOf(origin: string): string {
  return origin.slice(0, 36);
}
