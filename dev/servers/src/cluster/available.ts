import type { ClusterKind } from './cluster.ts';
import { findGalera } from './galera-provider.ts';
import { findGroupReplication } from './group-replication.ts';

const finders: Record<ClusterKind, () => Promise<unknown>> = {
  galera: findGalera,
  'group-replication': findGroupReplication,
};

/** The kinds of clusters that this machine can have, installed where they were not; one sentence for each other. */
export async function availableClusters(): Promise<{ kinds: ClusterKind[]; notRun: string[] }> {
  const kinds: ClusterKind[] = [];
  const notRun: string[] = [];
  for (const kind of Object.keys(finders) as ClusterKind[]) {
    try {
      await finders[kind]();
      kinds.push(kind);
    } catch (error) {
      notRun.push(`tests on ${kind} clusters: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { kinds, notRun };
}
