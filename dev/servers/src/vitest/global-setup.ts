import { startBroker } from './broker.ts';

/** For `globalSetup`: makes `sharedPair` work, with servers of this run unless the whole suite has some already. */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env['LOCKSTEP_TEST_SERVERS']) return () => Promise.resolve();
  const broker = await startBroker();
  process.env['LOCKSTEP_TEST_SERVERS'] = broker.url;
  return async () => {
    delete process.env['LOCKSTEP_TEST_SERVERS'];
    await broker.close();
  };
}
