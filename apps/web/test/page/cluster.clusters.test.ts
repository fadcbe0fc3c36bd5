import { type Cluster, startGalera, startGroup } from '@lockstep/servers';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import { violations } from './support/accessibility.ts';
import { expectLink, openPage, startBrowser } from './support/browser.ts';
import { Lockstep } from './support/lockstep.ts';

/** The third member goes for good. */
async function loseOne(kind: string, { members: [, , n3] }: Cluster): Promise<void> {
  if (kind === 'galera') await n3.stop();
  else await n3.query('STOP GROUP_REPLICATION');
}

test.each(clusters)(
  'a %s cluster has a card; one that is smaller for good is told so there, and is whole then',
  async (kind) => {
    await using cluster = await (kind === 'galera' ? startGalera() : startGroup());
    await using cleanup = new AsyncDisposableStack();
    const [n1, n2, n3] = cluster.members;
    const lockstep = cleanup.use(
      await Lockstep.start({
        servers: { n1, n2, n3 },
        pairs: [
          { name: 'to-n2', source: 'n1', target: 'n2' },
          { name: 'to-n3', source: 'n1', target: 'n3' },
        ],
        tables: ['shop.*'],
      }),
    );
    const browser = await startBrowser();
    cleanup.defer(() => browser.close());
    const { page, complaints } = await openPage(browser, lockstep.address);
    await expectLink(page, 'live');
    const card = page.getByRole('group', { name: /^Cluster / });
    await card.getByText(/has all its 3 members/).waitFor();
    const accept = card.getByRole('button', { name: 'It is to have 2 members' });
    expect(await accept.count()).toBe(0);

    await loseOne(kind, cluster);
    await card.getByText(/has 2 members and had 3/).waitFor();
    await card.getByRole('row').filter({ hasText: 'n3' }).getByText('Not in the cluster').waitFor();
    expect(await violations(page)).toEqual([]);
    await accept.click();
    await card.getByText(/has all its 2 members/).waitFor();
    await accept.waitFor({ state: 'detached' });
    const { groups } = await lockstep.graphql<{ groups: object[] }>('{ groups { state size largest } }');
    expect(groups).toEqual([{ state: 'WHOLE', size: 2, largest: 2 }]);
    expect(complaints).toEqual([]);
  },
);
