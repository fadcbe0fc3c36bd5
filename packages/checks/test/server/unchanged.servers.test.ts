import { patient } from '@lockstep/servers/patience';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { serverConfig } from '../support/config.ts';
import { reach } from '../support/connect.ts';
import { rewritingServer } from '../support/made-up-server.ts';
import { changingProxy, trimmingProxy } from '../support/trimming-proxy.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a server whose texts something in between changes is not read, for its rows would be named otherwise', async () => {
    const { source } = await sharedPair(flavour);
    const db = reach(serverConfig('db', source, await trimmingProxy(source.port)));
    await vi.waitFor(
      () => expect(String(db.lastFault)).toContain('texts do not arrive as the server sends them'),
      patient,
    );
    expect(db.connected).toBe(false);
  });

  test.each([
    ['times', (value: string) => value.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, '$&.0')],
    ['days', (value: string) => value.replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00:00')],
    ['digits', (value: string) => value.replace(/^\d{16,20}$/, (digits) => String(BigInt(Number(digits))))],
    ['decimals', (value: string) => value.replace(/^(-\d+\.[1-9]+)0+$/, '$1')],
    ['bytes', (value: string) => value.replaceAll('\u00ff', '?')],
  ])('nor is one whose %s something in between writes in its own way', async (_, change) => {
    const { source } = await sharedPair(flavour);
    const db = reach(serverConfig('db', source, await changingProxy(source.port, change)));
    await vi.waitFor(
      () =>
        expect(String(db.lastFault)).toContain(
          'numbers, dates or bytes do not arrive as the server sends them',
        ),
      patient,
    );
    expect(db.connected).toBe(false);
  });

  test('a server that prints its variables in part is not taken for one of another kind', async () => {
    const { source } = await sharedPair(flavour);
    const port = await rewritingServer(source.port, (statement) =>
      statement.replace(/^SHOW SESSION VARIABLES WHERE/, "$& Variable_name = 'autocommit' AND"),
    );
    const db = reach(serverConfig('db', source, port));
    await vi.waitFor(
      () => expect(String(db.lastFault)).toContain('it does not print its variables whole'),
      patient,
    );
  });
});
