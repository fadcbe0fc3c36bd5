import type { PairConfig, TableOverride } from '../../config.ts';
import type { Basis } from '../../model/basis.ts';
import type { CheckKind, DefinitionDigests } from '../../model/verdict.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import { signatureOf } from '../chunk/checkpoint.ts';
import type { Definitions } from '../table/definitions.ts';

type Sides = Pick<Basis, 'source' | 'target'>;

/** The server as it is now; null before it was reached. A copy is another, though it has the identity. */
export function sideOf({ facts }: Pick<SqlServer, 'facts'>): string | null {
  if (!facts) return null;
  const { identity, copied } = facts;
  return copied ? `${identity} (another one since ${copied.at.toISOString()})` : identity;
}

/** The two servers as they are now; null before both were reached. */
export function sidesOf(source: Pick<SqlServer, 'facts'>, target: Pick<SqlServer, 'facts'>): Sides | null {
  const [here, there] = [sideOf(source), sideOf(target)];
  return here !== null && there !== null ? { source: here, target: there } : null;
}

/** Of what decides whether a table's rows are called the same. */
export function tableSettings({ ignoreColumns, where }: TableOverride): string {
  return signatureOf([ignoreColumns, where]);
}

/** Of what a table is on both sides, for a later look to be held against. */
export function definitionsDigest({ source, target }: Definitions): string {
  return signatureOf([source?.fingerprint ?? null, target?.fingerprint ?? null]);
}

/** The same of each side by itself: short, for one is kept with every result. */
export function definitionDigests({ source, target }: Definitions): DefinitionDigests {
  const digest = (side: Definitions['source']) => side && signatureOf(side.fingerprint).slice(0, 16);
  return { source: digest(source), target: digest(target) };
}

/** Of which sides a table is another than it was, and is there both times. */
export function alteredSides(
  then: DefinitionDigests | undefined,
  now: DefinitionDigests | undefined,
): (keyof DefinitionDigests)[] {
  if (!then || !now) return [];
  return (['source', 'target'] as const).filter(
    (side) => then[side] !== null && now[side] !== null && then[side] !== now[side],
  );
}

/** Of what decides which tables a run looks at, and how. */
export function runSettings({ tables, checks }: PairConfig, check: CheckKind): string {
  return signatureOf([tables, checks[check].method]);
}

/** Why what was found on one basis does not hold on another; null when it does. */
export function whyOther(then: Basis, now: Basis): string | null {
  for (const side of ['source', 'target'] as const) {
    if (then[side] !== now[side]) {
      return `it was compared with another server: the ${side} is ${now[side]}, it was ${then[side]}`;
    }
  }
  return then.settings === now.settings ? null : 'it was compared under other settings';
}
