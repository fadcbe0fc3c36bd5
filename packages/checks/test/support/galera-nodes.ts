import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestServer, wsrepStatus } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, vi } from 'vitest';

/** Waits until a node's `wsrep_…` shows that. */
export function says(node: TestServer, name: string, value: string): Promise<void> {
  return vi.waitFor(async () => expect(await wsrepStatus(node, name)).toBe(value), patient);
}

export function isReady(node: TestServer): Promise<void> {
  return says(node, 'ready', 'ON');
}

/** Starts its cluster from a node that is down, as a person does who takes it for the most advanced one. */
export async function beginAnewFrom(node: TestServer, ...options: string[]): Promise<void> {
  const file = join(node.dataDir, 'grastate.dat');
  const state = await readFile(file, 'utf8');
  await writeFile(file, state.replace(/safe_to_bootstrap: \d/, 'safe_to_bootstrap: 1'));
  await node.start({ more: ['--wsrep-cluster-address=gcomm://', '--wsrep-new-cluster', ...options] });
  await isReady(node);
}
