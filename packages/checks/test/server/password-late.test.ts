import { expect, test } from 'vitest';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { serverAt } from '../support/config.ts';

test('a password that does not come in time is told, and not a server that does not answer', async () => {
  const config = { ...serverAt('db', 1), password: () => new Promise<string>(() => {}) };
  const limits = { lockWaitSeconds: 5, statementMs: 5000 };
  const opened = SqlConnection.open(config, limits, 100, new AbortController().signal);
  await expect(opened).rejects.toThrow('its password was not had within the connect timeout');
});
