import { expect, test } from 'vitest';
import { inSync, mariadb, own, watched } from './watched-pair.ts';

test('where both names lead to one server at a look, that is the reason at once', () => {
  const { has, target, monitor } = inSync();
  target.facts = mariadb('1');
  expect(has(5).evidence).toMatch(/^lag unknown: both names lead to one server/);
  expect(monitor.route?.one).toBe(true);
});

test('another server is noticed by the status as well, and the doubts of the one before are not its own', () => {
  const { source, reads, watermarks, monitor, has, wrote } = inSync();
  const stopped = { ...own, sourceIdentity: '9', applier: 'stopped' } as const;
  monitor.sourceWentBack();
  source.facts = mariadb('9');
  reads(stopped);
  expect(watermarks.ring('mariadb-gtid').newest).toBeNull();
  // The target is who it was.
  expect(monitor.stopped).toMatch(/ since /);
  wrote(5);
  expect(has(5)).toMatchObject({ lagMs: 0 });
});

test('another server in the source’s place is measured anew, and told apart from the one before', () => {
  const { has, source, watermarks, monitor, wrote, reads } = inSync();
  source.facts = mariadb('9');
  expect(has(5)).toMatchObject({
    lagMs: null,
    evidence: 'lag unknown: the replication status was not read yet',
  });
  expect(watermarks.ring('mariadb-gtid').newest).toBeNull();
  expect(monitor.route).toBeNull();
  // Known already: nothing is forgotten again.
  wrote(5);
  reads({ ...own, sourceIdentity: '9' });
  expect(has(5)).toMatchObject({ lagMs: 0 });
});

test('another server in the target’s place keeps what is known of the source, and was never seen running', () => {
  const { has, target, watermarks, reads, monitor } = inSync();
  reads({ ...own, applier: 'stopped' });
  target.facts = mariadb('9');
  has(5);
  expect(watermarks.ring('mariadb-gtid').newest).not.toBeNull();
  reads({ ...own, applier: 'stopped' });
  expect(monitor.stopped).toBe('the applier is stopped');
});

test('a server that is away for a while and comes back as itself is the same', () => {
  const { has, source, watermarks, mishaps } = inSync();
  const before = source.facts;
  source.facts = null;
  has(5);
  source.facts = { ...before! };
  has(5);
  expect(mishaps.recent()).toEqual([]);
  expect(watermarks.ring('mariadb-gtid').newest).not.toBeNull();
});

test('two names that lead to one server are no pair', () => {
  const { target, has, reads, monitor } = watched();
  target.facts = mariadb('1');
  has(5);
  reads();
  expect(monitor.state).toMatchObject({
    state: 'unknown',
    evidence: expect.stringMatching(/^both names lead to one server/) as string,
  });
});
