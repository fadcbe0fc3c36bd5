import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { factsFrom, isReadOnly } from '../../src/server/session.ts';
import { connection } from '../support/config.ts';
import { askFor, greeting, madeUpServer, packet } from '../support/made-up-server.ts';

const welcome = (sequence: number) => packet(sequence, 0, 0, 0, Buffer.from([2, 0, 0, 0]));

async function evidenceOf(port: number): Promise<string> {
  const manager = new ConnectionManager({
    servers: [
      {
        name: 'db',
        host: '127.0.0.1',
        port,
        user: 'lockstep',
        password: () => Promise.resolve('a-token-of-mine'),
        tls: null,
        serverPublicKey: null,
      },
    ],
    connection: { ...connection, firstDelayMs: 60_000, maxDelayMs: 60_000 },
    log: silent,
    onChange: () => undefined,
  });
  onTestFinished(() => manager.stop());
  manager.start();
  const server = manager.get('db');
  await vi.waitFor(() => expect(server.state.attempts).toBeGreaterThan(0), patient);
  return server.state.evidence;
}

test.for([
  ['8.0.11-TiDB-v7.5.0', 'TiDB'],
  ['8.0.40-Vitess', 'Vitess'],
  ['8.0.34-PlanetScale', 'PlanetScale'],
  ['5.7.32-SingleStore-8.7.1', 'SingleStore'],
  ['5.7.25-OceanBase_CE-v4.2.1.0', 'OceanBase'],
])('%s is refused by its name, with the reason', async ([version = '', name = '']) => {
  const port = await madeUpServer(greeting('mysql_native_password', version), (client, _, count) => {
    if (count === 0) client.write(welcome(2));
  });
  expect(await evidenceOf(port)).toContain(`it is ${name} (${version}), not MySQL: its positions`);
});

test('a password is not sent as it is without TLS, and no option of the driver is named', async () => {
  const heard: string[] = [];
  const port = await madeUpServer(greeting('mysql_native_password'), (client, said, count) => {
    heard.push(said.toString('latin1'));
    if (count === 0) client.write(askFor(2, 'mysql_clear_password'));
  });
  const evidence = await evidenceOf(port);
  expect(evidence).toContain('that is sent under tls with verifyIdentity only');
  expect(evidence).not.toMatch(/enableCleartextPlugin|authPlugins/);
  expect(heard.join()).not.toContain('a-token-of-mine');
});

test('a login that is not known is named, in words of our own', async () => {
  const port = await madeUpServer(greeting('mysql_native_password'), (client, _, count) => {
    if (count === 0) client.write(askFor(2, 'authentication_kerberos_client'));
  });
  expect(await evidenceOf(port)).toMatch(/it asks for a login by authentication_kerberos_client, which/);
});

test('an Aurora reader is told by its storage engine, whatever read_only says', () => {
  const variables = new Map(
    Object.entries({
      version: '8.0.32',
      server_uuid: 'u',
      read_only: 'OFF',
      innodb_read_only: 'ON',
      aurora_version: '3.06.0',
    }),
  );
  expect(factsFrom(variables).aurora).toEqual({ version: '3.06.0', reader: true });
  expect(isReadOnly(variables)).toBe(true);
  variables.set('innodb_read_only', 'OFF');
  expect(factsFrom(variables).aurora?.reader).toBe(false);
  expect(isReadOnly(variables)).toBe(false);
});
