import { describe, expect, test } from 'vitest';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { TwoHistories, type Way } from '../../src/lag/two-histories.ts';
import type { BrokenHistory } from '../../src/model/broken-history.ts';
import type { PositionKind } from '../../src/position/position.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';
import { channel, facts } from '../support/replication.ts';

const direct = channel({ sourceIdentity: '1' });

/** A source and a target on MariaDB, and what was seen of them last. */
function pair({
  source = facts('mariadb', { serverId: '1', identity: '1' }),
  target = facts('mariadb', { serverId: '2', identity: '2' }),
  kind = 'mariadb-gtid',
}: { source?: ServerFacts; target?: ServerFacts; kind?: PositionKind } = {}) {
  const samplers = [0, 1].map(() => ({
    latest: null as PositionSample | null,
    fault: null as Error | null,
    suspects: new Set<unknown>(),
  }));
  const [sourceSampler, targetSampler] = samplers as [(typeof samplers)[0], (typeof samplers)[0]];
  let clock = 0;
  const halves = { apart: false };
  const groups: Record<string, unknown> = {
    members: { inTwoHalves: () => halves.apart, areTogether: () => !halves.apart },
    begunWithout: { settle: () => {} },
    begunBelow: { between: () => null, settle: () => {} },
  };
  const way: Way = {
    route: { method: { kind, evidence: 'by GTID' }, channel: direct, direct: true },
    channels: [direct],
    own: direct,
  };
  const servers = { source: { name: 'a', facts: source }, target: { name: 'b', facts: target } };
  const remembered: (BrokenHistory | null)[] = [];
  const histories = new TwoHistories({
    ...servers,
    pair: { name: 'shop' },
    onBroken: (broken: BrokenHistory | null) => remembered.push(broken),
    sourceSampler,
    targetSampler,
    groups,
    knownOrigins: [],
    way: () => way,
  } as unknown as ConstructorParameters<typeof TwoHistories>[0]);
  /** Looks at both, the target first, and compares. */
  const look = (written: string, applied: string, state = written, own = '') => {
    targetSampler.latest = sampled(clock++, {
      applied,
      own,
      state: [applied, own].filter(Boolean).join(','),
    });
    histories.notice(targetSampler.latest);
    sourceSampler.latest = sampled(clock++, { written, state, applied: '' });
    return histories.compare();
  };
  return { histories, look, way, servers, groups, halves, remembered, sourceSampler, targetSampler };
}

function sampled(
  at: number,
  {
    written = '',
    applied,
    state,
    own = '',
  }: { written?: string; applied: string; state: string; own?: string },
): PositionSample {
  return {
    sentAt: at,
    receivedAt: at + 0.5,
    gtid: {
      source: { kind: 'mariadb-gtid', text: written, written, state },
      applied: { kind: 'mariadb-gtid', text: applied, own, state },
      history: state,
    },
    binlog: null,
    places: null,
  };
}

const times = (count: number, what: () => unknown) => {
  for (let i = 0; i < count; i++) what();
};

test('of a target that has nothing but its source’s there is no doubt, and nothing is errant', () => {
  const { histories, look } = pair();
  times(4, () => look('0-1-9', '0-1-9'));
  expect(histories.doubt).toBeNull();
  expect(histories.errant).toEqual({ text: '', count: 0 });
});

test('before histories were compared, what the source does not show is in doubt and not believed', () => {
  const { histories, look } = pair();
  look('0-1-3', '0-1-9');
  look('0-1-3', '0-1-9');
  expect(histories.doubt).toBe(
    'b has transactions that a does not show: whether they are on their way to it, or its history was reset or restored, is not known yet',
  );
  look('0-1-9', '0-1-9');
  look('0-1-9', '0-1-9');
  expect(histories.doubt).toBeNull();
});

test('what the source lost is in doubt once a later look of the source does not have it either', () => {
  const { histories, look } = pair();
  times(4, () => look('0-1-3', '0-1-9'));
  expect(histories.doubt).toBe(
    'b has transactions of a that a itself does not have: its history was reset or restored',
  );
});

test('what the source had lost before the watch began stays lost when its numbers come beyond it', () => {
  const { histories, look } = pair();
  times(4, () => look('0-1-3', '0-1-9'));
  times(4, () => look('0-1-20', '0-1-9', '0-1-20'));
  times(4, () => look('0-1-20', '0-1-20', '0-1-20'));
  expect(histories.doubt).toMatch(/its history was reset or restored$/);
  times(4, () => look('0-1-20', '0-1-2', '0-1-20'));
  expect(histories.doubt).toBeNull();
});

test('a source that went back is not believed until both were compared anew, though the target looks in sync', () => {
  const { histories, look } = pair();
  times(4, () => look('0-1-9', '0-1-9'));
  histories.sourceWentBack();
  expect(histories.doubt).toBe(
    'a does not have any more what it had before: its history was reset or restored; whether b has the same is not known yet',
  );
  look('0-1-9', '0-1-9');
  look('0-1-9', '0-1-9');
  expect(histories.doubt).not.toBeNull();
  look('0-1-9', '0-1-9');
  expect(histories.doubt).toBeNull();
});

test('a history that begins anew and grows beyond what was lost is still another, until the target is set up anew', () => {
  const { histories, look, sourceSampler } = pair();
  times(4, () => look('0-1-9', '0-1-9'));
  sourceSampler.latest = sampled(90, { written: '0-1-2', state: '0-1-2', applied: '' });
  histories.sourceWentBack();
  times(6, () => look('0-1-20', '0-1-9', '0-1-20'));
  expect(histories.doubt).toMatch(/its history was reset or restored$/);
  times(4, () => look('0-1-20', '0-1-2', '0-1-20'));
  expect(histories.doubt).toBeNull();
});

test('another server in the target’s place has no part in what was lost', () => {
  const { histories, look, sourceSampler, servers } = pair();
  times(4, () => look('0-1-9', '0-1-9'));
  sourceSampler.latest = sampled(90, { written: '0-1-2', state: '0-1-2', applied: '' });
  histories.sourceWentBack();
  servers.target.facts = facts('mariadb', { serverId: '2', identity: 'other' });
  times(6, () => look('0-1-20', '0-1-9', '0-1-20'));
  expect(histories.doubt).toBeNull();
});

test('as another pair nothing is left of a doubt', () => {
  const { histories, look } = pair();
  times(4, () => look('0-1-3', '0-1-9'));
  histories.reset();
  expect(histories.doubt).toBeNull();
  times(2, () => look('0-1-9', '0-1-9'));
  expect(histories.doubt).toBeNull();
});

test('what the target wrote itself is errant, and stays told while a sampler fails', () => {
  const { look, sourceSampler, targetSampler } = pair();
  times(4, () => look('0-1-9', '0-1-9', '0-1-9', '0-2-10'));
  expect(look('0-1-9', '0-1-9', '0-1-9', '0-2-10')).toEqual({ text: '0-2-10', count: null });
  sourceSampler.fault = new Error('gone');
  expect(look('0-1-9', '0-1-9')).toBeNull();
  sourceSampler.fault = null;
  targetSampler.fault = new Error('gone');
  expect(look('0-1-9', '0-1-9')).toBeNull();
});

test('what is not known of either server is no doubt', () => {
  const { histories, look, servers } = pair();
  servers.source.facts = null as unknown as ServerFacts;
  times(4, () => look('0-1-3', '0-1-9'));
  expect(histories.doubt).toBeNull();
});

test('a binlog of another writer that is read in again is no history that the target shares', () => {
  const { histories, look } = pair();
  // The source took 0-7-… from a file; the only channel of the target brings nothing else.
  times(4, () => look('0-7-3', '0-7-9', '0-7-3'));
  expect(histories.doubt).toMatch(/its history was reset or restored$/);
});

test('what a source before this one wrote, and this one never got, is errant', () => {
  const { histories, look } = pair();
  times(4, () => look('0-9-5', '0-9-5'));
  histories.reset(facts('mariadb', { serverId: '9', identity: '9' }));
  times(4, () => look('0-9-3', '0-9-5'));
  expect(histories.errant).toEqual({ text: '0-9-5', count: null });
});

test('of a source that shows nothing of the one before it nobody says what it lacks', () => {
  const { histories, look } = pair();
  histories.reset(facts('mariadb', { serverId: '9', identity: '9' }));
  times(4, () => look('0-1-6', '0-9-5'));
  expect(histories.errant).toEqual({ text: '', count: 0 });
});

test('what is known to be errant a source is not asked about again, but about more of it', () => {
  const [source, target] = ['a', 'b'].map((digit) => {
    const uuid = `${digit.repeat(8)}-0000-0000-0000-000000000000`;
    return facts('mysql', { uuid, identity: uuid });
  }) as [ServerFacts, ServerFacts];
  const { histories, sourceSampler, targetSampler } = pair({ source, target, kind: 'mysql-gtid' });
  let clock = 0;
  const look = (own: string) => {
    const applied = `${source.uuid}:1-9,${target.uuid}:${own}`;
    targetSampler.latest = sampled(clock++, { applied: '', state: applied });
    const written = sampled(clock++, { applied: '', state: `${source.uuid}:1-9` });
    sourceSampler.latest = { ...written, inFlight: sourceSampler.suspects.size > 0 ? '' : null };
    return histories.compare();
  };
  times(4, () => look('1'));
  expect(histories.errant).toEqual({ text: `${target.uuid}:1`, count: 1 });
  look('1');
  expect(sourceSampler.suspects.size).toBe(0);
  times(3, () => look('1-2'));
  expect(sourceSampler.suspects.size).toBe(1);
  times(2, () => look('1-2'));
  expect(histories.errant).toEqual({ text: `${target.uuid}:1-2`, count: 2 });
  expect(sourceSampler.suspects.size).toBe(0);
});

const [sourceUuid, targetUuid, otherUuid] = ['a', 'b', 'c'].map(
  (digit) => `${digit.repeat(8)}-0000-0000-0000-000000000000`,
) as [string, string, string];

/** A pair on MySQL, whose source tells what it is committing when it is asked. */
function mysqlPair() {
  const of = (uuid: string) => facts('mysql', { uuid, identity: uuid });
  const all = pair({ source: of(sourceUuid), target: of(targetUuid), kind: 'mysql-gtid' });
  const { histories, sourceSampler, targetSampler } = all;
  const set = (text: string) => ({ kind: 'mysql-gtid' as const, text });
  let clock = 0;
  const seen = (history: string): PositionSample => ({
    ...sampled(clock++, { applied: '', state: history }),
    gtid: { source: set(history), applied: set(history), history },
  });
  const look = (written: string, applied: string, commits = '') => {
    targetSampler.latest = seen(applied);
    histories.notice(targetSampler.latest);
    const asked = sourceSampler.suspects.size > 0;
    sourceSampler.latest = { ...seen(written), inFlight: asked ? commits : null };
    return histories.compare();
  };
  return { ...all, look };
}

test('what a MySQL source sent and still commits is not lost, and it is asked for that only as long as it matters', () => {
  const { histories, look, sourceSampler } = mysqlPair();
  times(5, () => look(`${sourceUuid}:1-8`, `${sourceUuid}:1-9`, `${sourceUuid}:9`));
  expect(histories.doubt).toBeNull();
  expect(sourceSampler.suspects.size).toBe(1);
  times(2, () => look(`${sourceUuid}:1-8`, `${sourceUuid}:1-9`, ''));
  expect(histories.doubt).toMatch(/its history was reset or restored$/);
  histories.stop();
  expect(sourceSampler.suspects.size).toBe(0);
});

test('what another channel brings is not errant, what the own one does is asked of its source', () => {
  const { histories, look, way } = mysqlPair();
  const brings = (name: string) => channel({ name, receivedGtid: `${otherUuid}:1-5` });
  const all = `${sourceUuid}:1-9,${otherUuid}:1-5`;
  way.channels = [direct, brings('other')];
  times(5, () => look(`${sourceUuid}:1-9`, all));
  expect(histories.errant).toEqual({ text: '', count: 0 });
  way.own = brings('own');
  way.channels = [way.own];
  times(5, () => look(`${sourceUuid}:1-9`, all));
  expect(histories.errant).toEqual({ text: `${otherUuid}:1-5`, count: 5 });
  way.channels = null;
  times(2, () => look(`${sourceUuid}:1-9`, all));
  expect(histories.errant).toEqual({ text: `${otherUuid}:1-5`, count: 5 });
});

test('histories of servers of two flavours have nothing in common that would be errant', () => {
  const { histories, look, servers } = pair();
  servers.target.facts = facts('mysql', { identity: '2' });
  times(4, () => look('0-1-9', ''));
  expect(histories.errant).toBeNull();
});

test('before either was looked at, or where no way is known, nothing is said', () => {
  const { histories, look, way, targetSampler, sourceSampler } = pair();
  expect(histories.compare()).toBeNull();
  targetSampler.latest = sampled(0, { applied: '0-1-9', state: '' });
  expect(histories.compare()).toBeNull();
  targetSampler.latest = null;
  sourceSampler.latest = sampled(0, { applied: '', state: '' });
  expect(histories.compare()).toBeNull();
  way.route = null;
  look('0-1-3', '0-1-9');
  expect(histories.doubt).toBeNull();
  times(4, () => look('0-1-3', '0-1-9'));
  expect(histories.doubt).toBeNull();
  histories.sourceWentBack();
  expect(histories.doubt).not.toBeNull();
});

test('members of one cluster are not held against each other: one may be behind', () => {
  const { histories, look, way } = pair();
  way.route = { ...way.route!, group: true };
  histories.sourceWentBack();
  expect(histories.doubt).toBeNull();
  histories.notice(sampled(0, { applied: '0-1-9', state: '0-1-9' }));
  expect(histories.doubt).toBeNull();
  Object.assign(way, { route: null });
  expect(look('0-1-9', '0-1-9')).toBeNull();
});

test('what a member that is known to be one wrote alone is errant, as of when the others were asked', () => {
  const { look, way, groups, histories, servers } = mysqlPair();
  way.route = { ...way.route!, group: true };
  servers.target.facts = { ...servers.target.facts, cluster: 'group-replication' };
  const group = { state: 'in-group' as string | null, others: [`${sourceUuid}:1-9`] };
  Object.assign(groups, {
    members: { judge: () => group.state && { state: group.state }, inTwoHalves: () => false },
    otherHistories: () => group.others,
  });
  const wrote = (numbers: string) => look(`${sourceUuid}:1-9`, `${sourceUuid}:1-9,${targetUuid}:${numbers}`);
  const alone = (numbers: string, count: number) => ({ text: `${targetUuid}:${numbers}`, count });
  for (const state of [null, 'unknown', 'joining']) {
    group.state = state;
    expect(wrote('1')).toBeNull();
  }
  group.state = 'in-group';
  group.others = [];
  expect(wrote('1')).toBeNull();
  group.others = [`${sourceUuid}:1-9`];
  expect(wrote('1')).toEqual(alone('1', 1));
  group.state = 'joining';
  expect(wrote('1-2')).toEqual(alone('1', 1));
  // Who left was likely written alone.
  group.state = 'not-in-group';
  expect(wrote('1-2')).toEqual(alone('1-2', 2));
  expect(histories.errant).toEqual(alone('1-2', 2));
});

/** What a process remembers of a pair whose source was reset behind what its target has. */
function lostBefore() {
  const earlier = mysqlPair();
  times(5, () => earlier.look(`${sourceUuid}:1-3`, `${sourceUuid}:1-9`));
  const [broken] = earlier.remembered;
  expect(broken).toEqual({
    pair: 'shop',
    why: 'b has transactions of a that a itself does not have: its history was reset or restored',
    had: { kind: 'mysql-gtid', text: `${sourceUuid}:1-9` },
    source: sourceUuid,
    target: targetUuid,
  });
  return broken!;
}

describe('what an earlier process knew to be broken', () => {
  test('is in doubt still when the source’s numbers have come beyond what it lost', () => {
    const broken = lostBefore();
    const { histories, look, remembered } = mysqlPair();
    histories.recall(broken);
    times(5, () => look(`${sourceUuid}:1-20`, `${sourceUuid}:1-20`));
    expect(histories.doubt).toBe(broken.why);
    expect(remembered).toEqual([]);
  });

  test('is over when the target does not have any more what it had', () => {
    const { histories, look, remembered } = mysqlPair();
    histories.recall(lostBefore());
    times(2, () => look(`${sourceUuid}:1-20`, `${sourceUuid}:1-5`));
    expect(histories.doubt).toBeNull();
    expect(remembered).toEqual([null]);
  });

  test.each(['source', 'target'] as const)('is over when the %s is another server', (side) => {
    const { histories, look, servers } = mysqlPair();
    histories.recall(lostBefore());
    servers[side].facts = { ...servers[side].facts, identity: otherUuid };
    look(`${sourceUuid}:1-20`, `${sourceUuid}:1-20`);
    expect(histories.doubt).toBeNull();
  });

  test('takes nothing from what this process saw itself', () => {
    const { histories, look } = mysqlPair();
    times(5, () => look(`${sourceUuid}:1-3`, `${sourceUuid}:1-9`));
    const own = histories.broken;
    histories.recall({ ...lostBefore(), why: 'of before' });
    expect(histories.broken).toBe(own);
  });
});

describe('a comparison of all tables', () => {
  test('proves what is broken to be over once the source’s numbers have come to all that the target had', () => {
    const { histories, look, remembered } = mysqlPair();
    times(5, () => look(`${sourceUuid}:1-3`, `${sourceUuid}:1-9`));
    // What it writes now by numbers that the target has, the target passes over.
    expect(histories.provable).toBeNull();
    times(2, () => look(`${sourceUuid}:1-9`, `${sourceUuid}:1-9`));
    const broken = histories.provable!;
    expect(broken).toBe(histories.broken);
    expect(histories.prove(broken)).toBe(true);
    expect(histories.doubt).toBeNull();
    times(5, () => look(`${sourceUuid}:1-10`, `${sourceUuid}:1-10`));
    expect(histories.doubt).toBeNull();
    expect(remembered.at(-1)).toBeNull();
  });

  test('proves nothing of what broke since it began', () => {
    const { histories, look } = mysqlPair();
    histories.recall(lostBefore());
    look(`${sourceUuid}:1-9`, `${sourceUuid}:1-9`);
    const broken = histories.provable!;
    times(5, () => look(`${sourceUuid}:1-3`, `${sourceUuid}:1-9`));
    expect(histories.prove(broken)).toBe(false);
    expect(histories.doubt).toMatch(/its history was reset or restored$/);
  });

  test('proves that members hold the same which took part in two halves, once they are together', () => {
    const { histories, way, halves, remembered } = pair();
    way.route = { ...way.route!, group: true };
    const look = () => histories.notice(sampled(0, { applied: '0-1-9', state: '0-1-9' }));
    look();
    expect(histories.broken).toBeNull();
    halves.apart = true;
    look();
    expect(histories.broken?.why).toMatch(/^a and b took part in two halves of their cluster/);
    expect(histories.provable).toBeNull();
    halves.apart = false;
    look();
    expect(remembered).toEqual([histories.broken]);
    const other = pair();
    other.way.route = { ...other.way.route!, group: true };
    other.histories.recall(histories.broken!);
    other.histories.notice(sampled(0, { applied: '0-1-9', state: '0-1-9' }));
    expect(other.histories.doubt).toBe(histories.broken!.why);
    expect(other.remembered).toEqual([]);
    expect(histories.prove(histories.provable!)).toBe(true);
    look();
    expect(histories.broken).toBeNull();
  });
});
