import { groupMember, groupState } from '@lockstep/fixture';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  service.engine.groupStates = [
    groupState('shop', {
      state: 'degraded',
      unwatched: ['10.0.0.3:3306'],
      members: [groupMember('primary', { role: 'primary' }), groupMember('replica', { state: 'no-quorum' })],
    }),
  ];
});
afterAll(() => service.stop());

test('a cluster is told with its members, in the words of its kind', async () => {
  const query = '{ groups { name kind state unwatched members { server { name } state role lagMs } } }';
  const response = await service.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  expect(await response.json()).toEqual({
    data: {
      groups: [
        {
          name: 'shop',
          kind: 'GALERA',
          state: 'DEGRADED',
          unwatched: ['10.0.0.3:3306'],
          members: [
            { server: { name: 'primary' }, state: 'IN_GROUP', role: 'PRIMARY', lagMs: 0 },
            { server: { name: 'replica' }, state: 'NO_QUORUM', role: null, lagMs: 0 },
          ],
        },
      ],
    },
  });
});
