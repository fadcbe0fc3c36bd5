import { type ServerHandle, statementProxy } from '@lockstep/servers';
import { inVainMs, patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../support/connect.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('behind a proxy that numbers sessions otherwise than the server nobody else’s statement is killed', async () => {
    const { source } = await sharedPair(flavour);
    const bystander = (await connect({ server: source })).server!;
    const [row] = await bystander.query('SELECT CONNECTION_ID() AS id', [], { lane: 'sampler' });
    const settled = vi.fn();
    const theirs = bystander.query('SELECT SLEEP(600) /* theirs */', [], {
      lane: 'sampler',
      timeoutMs: unhurriedMs,
    });
    theirs.then(settled, settled);
    const running = async () => {
      const rows = await source.query<{ info: string | null }>(
        'SELECT info AS info FROM information_schema.processlist',
      );
      return rows.filter(({ info }) => info?.includes('/* theirs */') && !info.includes('KILL')).length;
    };
    await vi.waitFor(async () => expect(await running()).toBe(1), patient);

    const proxy = await statementProxy(source, (client, main) => {
      main.once('data', (greeting) => {
        greeting.writeUInt32LE(Number(row?.['id']), greeting.indexOf(0, 5) + 1);
      });
      main.on('data', (data) => client.write(data));
      return (packet) => void main.write(packet);
    });
    onTestFinished(() => proxy.close());
    const { server } = await connect({
      server: { ...proxy, monitor: source.monitor } as unknown as ServerHandle,
    });
    await expect(server!.query('SELECT SLEEP(30)', [], { timeoutMs: inVainMs })).rejects.toThrow(/no answer/);
    await server!.stop();
    expect(settled).not.toHaveBeenCalled();
    expect(await running()).toBe(1);
  });
});
