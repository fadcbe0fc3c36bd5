import { expect, test } from 'vitest';
import { turns } from '../../src/turns.ts';
import { startService } from '../fixture/service.ts';

/** Longer than a slice of the event loop. */
function work(): void {
  for (const began = performance.now(); performance.now() - began < 20;);
}

test.each(['/api/health', '/api/health/live', '/api/health/ready'])(
  '%s is answered before what others asked and waits for its turn',
  async (path) => {
    const service = await startService();
    let waiting = 40;
    const done = new Promise<void>((resolve) => {
      for (let i = waiting; i > 0; i--) {
        turns.later(() => {
          work();
          if (--waiting === 0) resolve();
        });
      }
    });
    expect((await service.fetch(path)).status).toBe(200);
    expect(waiting).toBeGreaterThan(0);
    await done;
    await service.stop();
  },
);
