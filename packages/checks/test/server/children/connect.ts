import { SqlConnection } from '../../../src/server/sql-connection.ts';

/** Logs in at localhost under TLS with the CAs that are known without a setting, and prints what became of it. */
const [port, user, password = ''] = process.argv.slice(2);
try {
  const opened = await SqlConnection.open(
    {
      name: 'db',
      host: 'localhost',
      port: Number(port),
      user: user ?? '',
      password: () => Promise.resolve(password),
      tls: { ca: null, cert: null, key: null, verifyIdentity: true },
      serverPublicKey: null,
    },
    { lockWaitSeconds: 5, statementMs: 5000 },
    60_000,
    new AbortController().signal,
  );
  opened.destroy();
  process.stdout.write('connected');
} catch (error) {
  process.stdout.write(String(error));
}
