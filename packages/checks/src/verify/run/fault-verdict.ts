import type { Verdict } from '../../model/verdict.ts';
import { wasEnded, whoEnds } from '../../server/ended.ts';
import { foreignText } from '../../server/foreign-text.ts';
import { isPassing, ServerFault } from '../../server/sql-server.ts';
import { ident } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import { Undecidable } from '../undecidable.ts';

/** What a failure means for the table: a fault of the link or a missing grant is not a fault of the data. */
export function explainFault(error: unknown, name: TableName): { verdict: Verdict; reason: string } {
  if (error instanceof Undecidable) return { verdict: 'UNVERIFIED', reason: error.message };
  if (error instanceof ServerFault) {
    const { server, message, errno } = error;
    const names = error.reason === message ? `${server}: ${message}` : message;
    const says = errno > 0 && !message.includes(String(errno)) ? `${names} (error ${errno})` : names;
    if (wasEnded(error)) return { verdict: 'UNVERIFIED', reason: `${whoEnds(error)}: ${says}` };
    if (isPassing(error)) {
      return { verdict: 'UNVERIFIED', reason: `its cluster does not let it be read: ${says}` };
    }
    switch (error.kind) {
      case 'privilege':
        return {
          verdict: 'UNVERIFIED',
          reason: `no privilege: ${says}; GRANT SELECT ON ${ident(name.schema)}.* on ${error.server} to Lockstep's account mends it`,
        };
      case 'timeout':
        return { verdict: 'UNVERIFIED', reason: `time limit: ${says}` };
      case 'connection':
        return { verdict: 'ERROR', reason: `connection fault: ${says}` };
      case 'cancelled':
      case 'statement':
      case 'client':
        return { verdict: 'ERROR', reason: says };
    }
  }
  // It may quote whatever a server said.
  return { verdict: 'ERROR', reason: foreignText(error instanceof Error ? error.message : String(error)) };
}
