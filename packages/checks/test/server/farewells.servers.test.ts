import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { certified } from '../support/certified.ts';
import { serverConfig } from '../support/config.ts';
import { reach } from '../support/connect.ts';

describe.each(flavours)('on %s', (flavour) => {
  const server = certified(flavour);

  const status = async (name: string) =>
    Number((await server.handle.query(`SHOW GLOBAL STATUS LIKE '${name}'`))[0]?.['Value']);
  const sessions = async () => {
    const [row] = await server.handle.query(
      `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = '${server.handle.monitor.user}'`,
    );
    return Number(row?.['n']);
  };

  test.each(['', ' under TLS'])(
    'no connection in whose place another comes is one whose client left without a word%s',
    async (underTls) => {
      await vi.waitFor(async () => expect(await sessions()).toBe(0), patient);
      const aborted = await status('Aborted_clients');
      const opened = await status('Connections');
      const tls = underTls === '' ? null : { ca: server.ca, cert: null, key: null, verifyIdentity: true };
      const db = reach({ ...serverConfig('db', server.handle), host: 'localhost', tls }, { renewMs: 100 });
      expect(await db.waitUntilConnected(patient.timeout)).toBe(true);
      await db.query('SELECT 1', [], { lane: 'sampler' });
      await vi.waitFor(async () => expect(await status('Connections')).toBeGreaterThan(opened + 6), patient);
      expect(await status('Aborted_clients')).toBe(aborted);
    },
  );
});
