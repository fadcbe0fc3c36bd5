import { describe, expect, test } from 'vitest';
import {
  inOtherHalf,
  isAbandoned,
  judgeMember as judge,
  whyApart,
  whySplit,
} from '../../src/group/judge-members.ts';
import type { MemberLook } from '../../src/group/member-look.ts';
import type { Membership, View } from '../../src/position/membership.ts';

const judgeMember = (look: MemberLook, all: readonly MemberLook[]) => judge(look, all, 3000);

const everybody = ['10.0.0.1:3306', '10.0.0.2:3306', '10.0.0.3:3306'];

function view(number: number, members = everybody, lineage = ''): View {
  return { lineage, number: BigInt(number), size: members.length, members };
}

/** n1 … n3, at the addresses of `everybody`. Asked at 10 s, with a view that it has had since 0 s. */
function look(
  n: number,
  said: Partial<Membership> = {},
  more: Partial<MemberLook> = {},
): MemberLook & { membership: Membership } {
  const membership: Membership = {
    kind: 'galera',
    group: 'aaaa',
    standing: 'in',
    outside: null,
    busy: null,
    position: null,
    received: null,
    view: view(5),
    role: null,
    queue: null,
    flowControl: null,
    ...said,
  };
  return {
    server: `n${n}`,
    cluster: 'shop',
    address: everybody[n - 1] ?? '',
    sentAt: 10_000,
    receivedAt: 10_005,
    viewSince: 0,
    silent: null,
    listed: true,
    ...more,
    membership,
  };
}

describe('a member is believed', () => {
  test('not by the word of one that was silent with it, while others may have gone on and they do not know it', () => {
    const back = (n: number, backAt: number) => look(n, {}, { backAt });
    const [n2, n3] = [back(2, 9_000), back(3, 9_100)];
    expect(judgeMember(n2, [n2, n3])).toMatchObject({
      state: 'unknown',
      evidence:
        'it was silent, as n3, and has the view of before, 5 (3 members), as they have: whether their group went on without them they may not know yet',
    });
    // Of one that answered all the while, or for long again, it is believed; and so are all of a view.
    const n1 = look(1);
    expect(judgeMember(n2, [n1, n2, n3]).state).toBe('in-group');
    expect(judgeMember(n2, [n2, back(3, -20_000)]).state).toBe('in-group');
    expect(judgeMember(n2, [back(1, 9_050), n2, n3]).state).toBe('in-group');
  });

  test('not by the word of one that fell silent together with it, while another was heard', () => {
    const n1 = look(1, { view: view(6, everybody.slice(0, 1)) }, { viewSince: 9_000 });
    const [n2, n3] = [look(2, {}, { sentAt: 6_000 }), look(3, {}, { sentAt: 6_500 })];
    expect(judgeMember(n2, [n1, n2, n3])).toEqual({
      state: 'unknown',
      evidence:
        'it says that it is in its group, with the view 5 (3 members), which no other watched member confirms',
    });
    const heard = look(3, {}, { sentAt: 7_500 });
    expect(judgeMember(n2, [n1, n2, heard]).state).toBe('in-group');
  });

  test('when another has the same view', () => {
    const [n1, n2] = [look(1), look(2)];
    expect(judgeMember(n1, [n1, n2])).toEqual({
      state: 'in-group',
      evidence: 'it has the view 5 (3 members), as n2',
    });
  });

  test('not by its own word, unless it is alone', () => {
    const n1 = look(1);
    expect(judgeMember(n1, [n1]).state).toBe('unknown');
    const silent = look(2, {}, { silent: 'no answer' });
    expect(judgeMember(n1, [n1, silent]).state).toBe('unknown');
    const alone = look(1, { view: view(7, ['10.0.0.1:3306']) });
    expect(judgeMember(alone, [alone]).state).toBe('in-group');
  });

  test('when it says that it is out', () => {
    const left = look(1, { standing: 'left', outside: 'it has left its group' });
    expect(judgeMember(left, [left, look(2)])).toEqual({
      state: 'not-in-group',
      evidence: 'it has left its group',
    });
  });

  test('where its view may not be read', () => {
    const n1 = look(1, { view: null });
    const n2 = look(2);
    expect(judgeMember(n1, [n1, n2]).state).toBe('in-group');
    expect(judgeMember(n2, [n1, n2])).toEqual({
      state: 'in-group',
      evidence: 'it says that it has the view 5 (3 members); that of n1 may not be read',
    });
  });
});

describe('a later view of another member', () => {
  const later = { view: view(6, everybody.slice(0, 2)) };

  test('that was there long before it was asked makes it one that is cut off', () => {
    const [n1, n3] = [look(1, later, { viewSince: 8000 }), look(3)];
    const { state, evidence } = judgeMember(n3, [n1, n3]);
    expect(state).toBe('no-quorum');
    expect(evidence).toContain('has the view 5 (3 members), while n1 has 6 (2 members)');
  });

  test('that was there just before it was asked leaves it unknown', () => {
    const [n1, n3] = [look(1, later, { viewSince: 9900 }), look(3)];
    expect(judgeMember(n3, [n1, n3]).state).toBe('unknown');
  });

  test('that came after it was asked says nothing against it', () => {
    const [n1, n2, n3] = [look(1, later, { viewSince: 10_500 }), look(2), look(3)];
    expect(judgeMember(n3, [n1, n2, n3]).state).toBe('in-group');
  });

  test('of another history, or of one that does not take part itself, says nothing', () => {
    for (const other of [
      look(1, { ...later, group: 'bbbb' }),
      look(1, { ...later, standing: 'no-quorum' }),
      look(1, later, { silent: 'no answer' }),
    ]) {
      const [n2, n3] = [look(2), look(3)];
      expect(judgeMember(n3, [other, n2, n3]).state).toBe('in-group');
    }
  });
});

test('one that does not answer is not in its group when a view lacks it that once had it', () => {
  const n1 = look(1, { view: view(6, everybody.slice(0, 2)) });
  const n3 = look(3, {}, { silent: 'connection refused' });
  expect(judgeMember(n3, [n1, n3])).toEqual({
    state: 'not-in-group',
    evidence: 'it is not in the view of n1, and does not answer: connection refused',
  });
  const elsewhere = { ...n3, listed: false };
  expect(judgeMember(elsewhere, [n1, elsewhere]).state).toBe('unknown');
});

describe('of a cluster that was begun anew', () => {
  const anew = view(2, everybody.slice(0, 2));
  const frozen = look(3, { view: view(10) });

  test('who was frozen is cut off by the word of those of its view, though its number is the higher one', () => {
    const [n1, n2] = [
      look(1, { view: anew }, { viewSince: 5000 }),
      look(2, { view: anew }, { viewSince: 5000 }),
    ];
    const all = [n1, n2, frozen];
    expect(judgeMember(n1, all).state).toBe('in-group');
    expect(judgeMember(n2, all).state).toBe('in-group');
    expect(judgeMember(frozen, all)).toEqual({
      state: 'no-quorum',
      evidence:
        'it says that it is well, but has the view 10 (3 members), of which n1 and n2 have 2 (2 members) without it: it was frozen or is cut off, and does not know it',
    });
    // One of three: the other two may be a majority.
    expect(judgeMember(frozen, [n1, frozen]).state).toBe('unknown');
  });

  test('the same where views tell when their group was begun, and it is no split', () => {
    const later = view(2, everybody.slice(0, 2), '18');
    const [n1, n2] = [
      look(1, { view: later }, { viewSince: 5000 }),
      look(2, { view: later }, { viewSince: 5000 }),
    ];
    const old = look(3, { view: view(10, everybody, '17') });
    expect(judgeMember(old, [n1, n2, old]).state).toBe('no-quorum');
    expect([n1, n2, old].map((member) => isAbandoned(member, [n1, n2, old]))).toEqual([false, false, true]);
  });

  test('who just joins is not cut off, as those who were not asked since', () => {
    const joined = look(3, { view: view(10) }, { viewSince: 9_950 });
    const [n1, n2] = [1, 2].map((n) => look(n, { view: view(9, everybody.slice(0, 2)) }, { sentAt: 9_960 }));
    expect(judgeMember(joined, [n1!, n2!, joined]).state).toBe('unknown');
    expect(judgeMember(n1!, [n1!, n2!, joined]).state).toBe('in-group');
  });

  test('the first of it is not held against what was seen of the one that ended', () => {
    const first = look(1, { view: view(1, everybody.slice(0, 1)) }, { viewSince: 5000, anewSince: 5000 });
    expect(judgeMember(first, [first, frozen]).evidence).toBe('it is alone in its view 1 (1 member)');
    const [b, c] = [look(2, { view: view(10) }), look(3, { view: view(10) })];
    expect(judgeMember(first, [first, b, c]).state).toBe('no-quorum');
    const since = look(2, { view: view(3, everybody.slice(0, 2)) }, { viewSince: 6000 });
    expect(judgeMember(first, [first, since]).state).toBe('no-quorum');
  });
});

describe('two members are apart', () => {
  test('when their clusters have one name and two histories', () => {
    expect(whyApart(look(1), look(2, { group: 'bbbb' }))).toContain('two clusters of one name');
    for (const other of [
      whyApart(look(1), look(2, { group: 'bbbb' }, { cluster: 'copy' })),
      whyApart(look(1, { kind: 'group-replication' }), look(2, { kind: 'group-replication', group: 'bbbb' })),
    ]) {
      expect(other).toContain('they are two clusters, each with a history of its own');
    }
  });

  test('when both take part and neither is in the view of the other', () => {
    const a = look(1, { view: view(6, everybody.slice(0, 2)) });
    const b = look(3, { view: view(7, everybody.slice(2)) });
    expect(whyApart(a, b)).toContain('their cluster is split');
    expect(judgeMember(a, [a, b]).state).not.toBe('no-quorum');
    expect(whyApart(a, { ...b, viewSince: 11_000 })).toBeNull();
  });

  test('when each is the only one in its view, though their cluster names nobody in views', () => {
    const alone = { lineage: '', number: 9n, size: 1, members: [] };
    const [a, b] = [look(1, { view: alone }), look(2, { view: alone })];
    expect(whyApart(a, b)).toContain('their cluster is split');
    expect(inOtherHalf(a, b)).toBe(true);
    expect(judgeMember(a, [a, b]).evidence).toBe('it is alone in its view 9 (1 member)');
    const later = look(2, { view: { ...alone, number: 10n } });
    expect(judgeMember(a, [a, later]).state).toBe('in-group');
    expect(whyApart(a, later)).toContain('their cluster is split');
    expect(whyApart(a, look(2, { view: { ...alone, size: 2 } }))).toBeNull();
  });

  test('when no view names them, and theirs have one number and two sizes, as halves of a split do', () => {
    const half = (n: number, size: number) =>
      look(n, { view: { lineage: '', number: 4n, size, members: [] } }, { listed: false });
    const [a, b, c] = [half(1, 2), half(2, 2), half(3, 1)];
    for (const one of [a, b]) {
      expect(whyApart(one, c)).toContain('their cluster is split');
      expect(whySplit(one, c)).toContain('their cluster is split');
      expect(inOtherHalf(one, c)).toBe(true);
    }
    expect(whyApart(a, b)).toBeNull();
    // It may not have been asked since the view changed.
    expect(whyApart({ ...a, sentAt: 100 }, { ...c, viewSince: 200 })).toBeNull();
  });

  test('when their groups of one name were begun apart', () => {
    const [a, b] = [look(1, { view: view(6, everybody, '17') }), look(3, { view: view(2, everybody, '18') })];
    expect(whyApart(a, b)).toContain('their cluster is split');
  });

  test('but not when one of them is out, or has the view before', () => {
    expect(whyApart(look(1), look(2, { group: 'bbbb', standing: 'left' }))).toBeNull();
    expect(whyApart(look(1, { view: view(6, everybody.slice(0, 2)) }), look(3))).toBeNull();
  });
});

test('a cluster is split when both say again what they have: a view that is read while it goes is not seen twice', () => {
  const torn = look(1, { view: view(7, everybody.slice(0, 1)) }, { viewSince: 10_005 });
  const left = look(2, { view: view(8, everybody.slice(1)) }, { viewSince: 9_500, sentAt: 12_000 });
  expect(whySplit(torn, left)).toBeNull();
  expect(whyApart(torn, left)).not.toBeNull();
  const again = { ...torn, sentAt: 10_010 };
  expect(whySplit(again, left)).toContain('their cluster is split');
  expect(whySplit(again, { ...left, viewSince: 11_000 })).toBeNull();
  expect(whySplit(look(1), look(2, { group: 'bbbb' }, { viewSince: 9_500 }))).toContain(
    'two clusters of one name',
  );
});
