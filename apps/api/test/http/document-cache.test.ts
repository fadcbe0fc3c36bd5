import { expect, test } from 'vitest';
import { DocumentCache } from '../../src/http/graphql/document-cache.ts';

test('what is asked for again and again stays, however many others are asked for once', () => {
  const cache = new DocumentCache<string>();
  cache.set('{ mine }', 'mine');
  for (let i = 0; i < 10_000; i++) {
    cache.set(`{ other${i} }`, 'other');
    expect(cache.get('{ mine }')).toBe('mine');
  }
  const kept = Array.from({ length: 10_000 }, (_, i) => cache.get(`{ other${i} }`)).filter(Boolean);
  expect(kept).toHaveLength(199);
});

test('of long texts fewer are kept', () => {
  const cache = new DocumentCache<string>();
  const texts = Array.from({ length: 200 }, (_, i) => `{ a${i} } #${'x'.repeat(9_000)}`);
  for (const text of [...texts, ...texts]) cache.set(text, 'document');
  const kept = texts.filter((text) => cache.get(text) !== undefined);
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.join('').length).toBeLessThan(200_000);
});

test('a text of many kilobytes is not kept', () => {
  const cache = new DocumentCache<string>();
  const text = `{ version } #${'x'.repeat(50_000)}`;
  cache.set(text, 'document');
  expect(cache.get(text)).toBeUndefined();
});
