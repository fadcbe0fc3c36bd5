import { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { startService } from '../fixture/service.ts';

afterEach(() => vi.restoreAllMocks());

test.each(['identity', 'br'])(
  'GraphiQL, of megabytes, is the same bytes for all who are sent it, and not a copy for each who reads none of it: %s',
  async (encoding) => {
    await using service = await startService();
    const end = vi.spyOn(ServerResponse.prototype, 'end');
    const headers = { accept: 'text/html', 'accept-encoding': encoding };
    for (let i = 0; i < 2; i++) {
      const page = await service.fetch('/graphql', { headers });
      expect(await page.text()).toMatch(/^<!doctype html>/i);
    }
    const [first, second] = end.mock.calls.map(([sent]: unknown[]) => sent);
    expect(first).toBeInstanceOf(Uint8Array);
    expect(second).toBe(first);
  },
);
