import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Flavour, startServer, type TestServer } from '@lockstep/servers';
import { afterAll, beforeAll } from 'vitest';
import { certificates } from './certificates.ts';

export interface Certified {
  handle: TestServer;
  /** As text. */
  ca: string;
  /** Where `certificates()` has put its files. */
  folder: string;
}

/** For the tests of a `describe`: a server that shows the certificate of `certificates()`. There once they begin. */
export function certified(flavour: Flavour): Certified {
  const server = {} as Certified;
  beforeAll(async () => {
    server.folder = mkdtempSync(join(tmpdir(), 'lockstep-certified-'));
    const { ca, options } = certificates(server.folder);
    server.ca = ca;
    server.handle = await startServer({ flavour, options });
  });
  afterAll(async () => {
    await server.handle.remove();
    rmSync(server.folder, { recursive: true, force: true });
  });
  return server;
}
