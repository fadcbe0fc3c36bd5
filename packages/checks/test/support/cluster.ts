import type { TestServer } from '@lockstep/servers';
import { expect } from 'vitest';
import type { GroupMember, GroupState } from '../../src/model/group.ts';
import type { RunningEngine } from './engine.ts';

/** Nothing of a cluster is applied to the table until it ends. */
export async function stall(server: TestServer): Promise<AsyncDisposable> {
  const holder = await server.connect();
  await holder.query('LOCK TABLES shop.t READ');
  return { [Symbol.asyncDispose]: () => holder.end() };
}

/** What each pair and member of a running engine says now. */
export function looking({ engine, events, storage }: RunningEngine) {
  const group = (): GroupState => {
    const [group] = engine.groups();
    expect(group).toBeDefined();
    return group as GroupState;
  };
  return {
    engine,
    group,
    pair: (name: string) => engine.pair(name),
    member: (server: string) => group().members.find((member) => member.server === server) as GroupMember,
    /** Everything that was told of a member, oldest first. */
    told: (server: string) =>
      events.flatMap((event) =>
        event.type === 'group' ? event.data.members.filter((member) => member.server === server) : [],
      ),
    states: (pair: string) =>
      events.flatMap((event) => (event.type === 'pair' && event.pair === pair ? event.data : [])),
    messages: () => events.flatMap((event) => (event.type === 'pairEvent' ? event.data.message : [])),
    alerts: () => {
      const { items } = storage.alerts({ states: ['pending', 'firing'] }, { limit: 100, cursor: null });
      return items.map(({ rule, server, severity }) => `${rule} ${server} ${severity}`);
    },
    /** Rules of which an alert was told to anybody. */
    fired: () =>
      events.flatMap((event) => (event.type === 'alert' && event.data.firedAt ? event.data.rule : [])),
    rules: () => events.flatMap((event) => (event.type === 'alert' ? event.data.rule : [])),
  };
}
