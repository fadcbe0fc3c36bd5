import { statementProxy } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { serverConfig } from '../support/config.ts';
import { reach } from '../support/connect.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('what ended a connection between two questions is told, and not that it is closed', async () => {
    const { source } = await freshSchema(flavour);
    const proxy = await statementProxy(source, (client, main) => {
      let isTwofold = false;
      main.on('data', (data) => client.write(isTwofold ? Buffer.concat([data, data]) : data));
      return (packet, statement) => {
        isTwofold = /^\s*SET\b/i.test(statement);
        main.write(packet);
      };
    });
    onTestFinished(() => proxy.close());
    const db = reach(serverConfig('db', source, proxy.port));
    await vi.waitFor(() => expect(db.state.attempts).toBeGreaterThan(1), patient);
    expect(db.state.evidence).toMatch(/it sends what nobody asked for: does a proxy mix up answers\?/);
  });
});
