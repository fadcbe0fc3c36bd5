import type { StorageHealth } from '../../storage/storage.ts';
import { type Condition, condition } from '../condition/condition.ts';

/** History cannot be written; measuring and alerting go on. */
export function storageDegraded({ ok, file, evidence }: StorageHealth): Condition {
  return condition(
    'storage-degraded',
    {},
    {
      status: ok ? 'false' : 'true',
      severity: 'WARNING',
      summary: 'History cannot be written',
      evidence: `${file}: ${evidence}`,
    },
  );
}
