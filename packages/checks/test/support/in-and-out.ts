import { memberState, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, vi } from 'vitest';
import type { LagWatch } from './lag-watch.ts';

/** Waits until it is a member that serves again. */
export async function join(node: TestServer): Promise<void> {
  await node.query('START GROUP_REPLICATION');
  await vi.waitFor(async () => expect(await memberState(node)).toBe('ONLINE'), patient);
}

/** Members of a watched group, by their names there. */
export function inAndOut(watch: LagWatch) {
  const stateOf = (server: string) =>
    watch.service.groups().flatMap(({ members }) => members.find((member) => member.server === server))[0]
      ?.state;
  return {
    stateOf,
    /** Waits until that is seen. */
    leave: async (node: TestServer, name: string) => {
      await node.query('STOP GROUP_REPLICATION');
      await vi.waitFor(() => expect(stateOf(name)).toBe('not-in-group'), patient);
    },
  };
}
