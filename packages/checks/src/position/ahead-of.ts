import type { ServerFacts } from '../server/sql-server.ts';
import { splitMariadbGtids } from './mariadb-gtid-list.ts';
import {
  formatMysqlGtidSet,
  type MysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from './mysql-gtid-set.ts';
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
      formatMysqlGtidSet(new Map([...ahead].filter(([origin]) => wanted(origin.slice(0, 36)))));
    const { source: s, target: t } = facts;
    return {
      own: of((uuid) => uuid === s.uuid),
      // Of whom the source has nothing at all it gets nothing.
      others: of((uuid) => uuid !== s.uuid && uuid !== t.uuid && hasOf(known, uuid)),
    };
  }
  if (source.kind === 'mariadb-gtid' && target.kind === 'mariadb-gtid') {
    // A binlog's state is ahead of what can be read, so here nothing of the source's own is seen to be missing.
    const known = [...splitMariadbGtids(source.state ?? ''), ...splitMariadbGtids(source.text)];
    const others = splitMariadbGtids(target.text).filter(
      ({ domain, server, sequence }) =>
        (server !== facts.source.serverId || domain === facts.source.wsrepGtid?.cluster) &&
        server !== facts.target.serverId &&
        known.some((gtid) => gtid.domain === domain && gtid.server === server) &&
        !known.some((gtid) => gtid.domain === domain && gtid.server === server && gtid.sequence >= sequence),
    );
    return { own: '', others: others.map((g) => `${g.domain}-${g.server}-${g.sequence}`).join(',') };
  }
  return { own: '', others: '' };
}

function hasOf(set: MysqlGtidSet, uuid: string): boolean {
  return [...set.keys()].some((origin) => origin.startsWith(uuid));
}
