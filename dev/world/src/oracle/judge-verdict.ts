import type { TableResult } from '../engine.ts';
import type { Divergence } from './divergence.ts';
import type { Lie } from './lie.ts';

export interface Judged {
  result: TableResult;
  /** In true time. */
  from: number;
  to: number;
  /** Connections break in this world. */
  breaks: boolean;
}

/** What a verdict says that is not so; nothing where it is true, or says that nothing is known. */
export function judgeVerdict({ result, from, to, breaks }: Judged, divergence: Divergence): Lie[] {
  const { verdict, reason, rows } = result;
  if (verdict === 'ERROR' && breaks && reason.startsWith('connection fault')) return [];
  if (verdict === 'ERROR') return [{ kind: 'error', sentence: `ERROR: ${reason}` }];
  if (verdict === 'MISSING') return [{ kind: 'gone', sentence: `MISSING, though it is there: ${reason}` }];
  // Here nobody alters the target alone.
  if (verdict === 'SCHEMA_DIFFERS') {
    return [{ kind: 'in-flight', sentence: `SCHEMA_DIFFERS, which was only in flight: ${reason}` }];
  }
  const standing = divergence.throughout(from, to);
  if (verdict === 'MATCH') {
    if (standing.length === 0) return [];
    return [{ kind: 'match', sentence: `MATCH, but row ${standing.join(', ')} differed all the time` }];
  }
  if (verdict !== 'DIFFERENT') return [];
  // In a table without a key a row may be gone by the time that its content is asked for.
  const named = rows.flatMap(({ key }) => (key['id'] == null ? [] : Number(key['id'])));
  const invented = named.filter((id) => !divergence.everBetween(id, from, to));
  const missed = standing.filter((id) => !named.includes(id));
  const lies: Lie[] = [];
  if (invented.length > 0) {
    lies.push({
      kind: 'in-flight',
      sentence: `DIFFERENT, but row ${invented.join(', ')} was only in flight`,
    });
  }
  if (missed.length > 0 && !reason.includes('not all could be decided')) {
    const row = missed.join(', ');
    lies.push({
      kind: 'missed',
      sentence: `row ${row} differed all the time, and is not told of: ${reason}`,
    });
  }
  return lies;
}
