import { expect, test } from 'vitest';
import { good } from '../../src/examine/finding.ts';
import { role } from '../../src/examine/role.ts';
import { ServerSettings } from '../../src/examine/server-settings.ts';

test('a secondary that is the source of a pair is no fault: it gets what its primary writes', () => {
  const settings = new ServerSettings(new Map(), '', []);
  const facts = { flavour: 'mysql', cluster: 'group-replication' } as const;
  const of = role({ isSource: true, isTarget: false }, true, facts, settings);
  expect(of).toEqual(good('role', 'source, read-only'));
  const alone = role({ isSource: true, isTarget: false }, true, { ...facts, cluster: null }, settings);
  expect(alone.evidence).toContain('nobody can write to it');
});
