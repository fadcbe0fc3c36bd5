import { awaited } from '#lib/api/awaited.ts';

/** What a screen does without until its first lines stand: fetched when it is needed. */
export const later = {
  lagPlot: part(() => import('#lib/chart/lag-plot.ts')),
  tables: part(() => import('./pair/TablesTab.svelte')),
  runs: part(() => import('./pair/RunsTab.svelte')),
  events: part(() => import('./pair/EventsTab.svelte')),
  replication: part(() => import('./pair/ReplicationTab.svelte')),
};

/** Of a pair, what comes below the first window of a phone: a task later. */
export const below = part(() => Promise.resolve());

/** Who waits for the page to stand waits for this, too. */
function part<Code>(fetched: () => Promise<Code>): () => Promise<Code> {
  return async () => {
    awaited.more(1);
    try {
      const code = await fetched();
      // The browser may draw what stands, and answer who touches it, before more is made.
      await new Promise((resolve) => setTimeout(resolve));
      return code;
    } finally {
      awaited.more(-1);
    }
  };
}
