import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MonitoringEngine } from '../../src/engine/monitoring-engine.ts';
import { silent } from '../../src/log.ts';
import { openStorage } from '../../src/storage/open.ts';
import { alert, result, START, tempFile } from '../storage/fixtures.ts';
import { hang, hangingThread, inThread } from '../storage/in-thread.ts';
import { pairConfig, serverAt } from '../support/config.ts';
import { engineConfig } from '../support/engine.ts';

test('what could not be read as the engine was made, and can be when it starts, is gone on with', async () => {
  const file = tempFile();
  const earlier = openStorage(engineConfig({ servers: {}, pairs: [], file }).storage, { log: silent });
  const pair = 'pair';
  earlier.setPaused(pair, true);
  earlier.recordResult(result('r', START, { pair, verdict: 'DIFFERENT' }));
  earlier.recordAlert(alert('a', START, { pair }));
  earlier.close();
  const storage = await inThread(file, { program: hangingThread });
  const reopened = vi.fn();
  storage.onReopened(reopened);

  const letGo = hang(file);
  const config = {
    ...engineConfig({ servers: {}, pairs: [pairConfig(['shop.*'])], file }),
    servers: [serverAt('source', 1), serverAt('target', 2)],
  };
  const engine = new MonitoringEngine({ config, storage, publish: () => {}, log: silent });
  onTestFinished(() => engine.stop());
  letGo();
  await vi.waitFor(() => {
    storage.health();
    expect(reopened).toHaveBeenCalled();
  }, patient);
  engine.start();
  expect(engine.pair(pair)).toMatchObject({ paused: true, tables: { total: 1, different: 1 } });
});
