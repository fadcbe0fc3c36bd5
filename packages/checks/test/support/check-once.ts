import type { FreshSchema } from '@lockstep/servers';
import type { PairConfig, VerifyConfig } from '../../src/config.ts';
import { verifyOnce } from '../../src/engine/verify-once.ts';
import { silent } from '../../src/log.ts';
import type { CheckKind, TableResult } from '../../src/model/verdict.ts';
import { pairConfig, verifyConfig } from './config.ts';
import { engineConfig } from './engine.ts';

/** One run as `lockstep check` makes it: the way from source to target is found out, not given. By table name. */
export async function checkOnce(
  schema: Pick<FreshSchema, 'name' | 'source' | 'target'>,
  verify: Partial<VerifyConfig> = {},
  check: CheckKind = 'checksum',
  changes: Partial<PairConfig> = {},
): Promise<TableResult[]> {
  const pair = pairConfig([`${schema.name}.*`], {
    verify: { ...verifyConfig, settleMs: 400, maxChunkRows: 500, ...verify },
    ...changes,
  });
  const results: TableResult[] = [];
  await verifyOnce({
    engine: engineConfig({ servers: { source: schema.source, target: schema.target }, pairs: [pair] }),
    pair,
    check,
    only: null,
    signal: new AbortController().signal,
    log: silent,
    onProgress: () => undefined,
    onResult: (result) => results.push(result),
  });
  return results.sort((a, b) => (a.table < b.table ? -1 : 1));
}
