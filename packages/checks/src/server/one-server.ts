import { areOne } from './instance.ts';
import type { SqlServer } from './sql-server.ts';

type Named = Pick<SqlServer, 'name' | 'facts'>;

/**
 * Why two names of the configuration are no pair: a virtual address, a proxy or a name that was moved in a failover
 * leads them to one and the same server, which is always the same as itself. Null when they are two, or when that is
 * not known.
 */
export function oneServer(source: Named, target: Named): string | null {
  if (!source.facts || !target.facts) return null;
  if (!areOne(source.facts.instance, target.facts.instance)) return null;
  const { flavour, identity } = source.facts;
  const otherwise = flavour === 'mariadb' ? ' (if they are two, give them different server_ids)' : '';
  return `both names lead to one server: ${source.name} and ${target.name} are ${identity}${otherwise}`;
}
