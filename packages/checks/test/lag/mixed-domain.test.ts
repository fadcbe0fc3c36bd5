import { expect, test } from 'vitest';
import { MixedDomain } from '../../src/lag/mixed-domain.ts';

const several = 'several sources of db2 write into one replication domain';
const readings = (domain: MixedDomain, times: number, channels = 2) => {
  for (let i = 0; i < times; i++) domain.read(channels, null);
};

test('a domain in which something of others was seen tells nothing until it was quiet for ten readings', () => {
  const domain = new MixedDomain('db2');
  expect(domain.why).toBeNull();
  expect(domain.seen()).toBe(true);
  expect(domain.why).toBe(several);
  expect(domain.seen()).toBe(false);
  readings(domain, 9);
  expect(domain.why).toBe(several);
  readings(domain, 1);
  expect(domain.why).toBeNull();
});

test('what is seen meanwhile begins the quiet anew', () => {
  const domain = new MixedDomain('db2');
  domain.seen();
  readings(domain, 9);
  expect(domain.seen()).toBe(false);
  readings(domain, 9);
  expect(domain.why).toBe(several);
  readings(domain, 1);
  expect(domain.why).toBeNull();
});

test('each time that it comes back it must be quiet for twice as long, and never for more than a thousand', () => {
  const domain = new MixedDomain('db2');
  domain.seen();
  readings(domain, 10);
  expect(domain.seen()).toBe(true);
  readings(domain, 19);
  expect(domain.why).toBe(several);
  readings(domain, 1);
  expect(domain.why).toBeNull();
  for (let i = 0; i < 12; i++) {
    domain.seen();
    readings(domain, 1000);
    expect(domain.why).toBeNull();
  }
  domain.seen();
  readings(domain, 999);
  expect(domain.why).toBe(several);
});

test('with one channel alone, or as another server, nothing is mixed any more, and no old quiet counts', () => {
  for (const over of [
    (domain: MixedDomain) => readings(domain, 1, 1),
    (domain: MixedDomain) => domain.reset(),
  ]) {
    const domain = new MixedDomain('db2');
    domain.seen();
    readings(domain, 10);
    domain.seen();
    over(domain);
    expect(domain.why).toBeNull();
    domain.seen();
    readings(domain, 10);
    expect(domain.why).toBeNull();
  }
});

test('two sources of one server_id cannot be told apart for as long as they have it', () => {
  const domain = new MixedDomain('db2');
  domain.read(2, '7');
  const twins = 'another source of db2 has the server_id 7, too';
  expect(domain.why).toBe(twins);
  expect(domain.seen()).toBe(false);
  for (let i = 0; i < 20; i++) domain.read(2, '7');
  expect(domain.why).toBe(twins);
  domain.read(2, null);
  expect(domain.why).toBeNull();
});
