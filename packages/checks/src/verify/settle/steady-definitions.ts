import type { TableName } from '../../table-name.ts';
import type { TableDefinition } from '../table/definition.ts';
import type { DefinitionReader, Definitions } from '../table/definitions.ts';
import type { Proved } from './close-look.ts';
import type { SettleOptions } from './options.ts';
import { prove } from './prove.ts';

/** It is the watching of the source that proves; of the target one reading is enough. */
const atLeast = { forMs: 0, reads: 1 };

/**
 * Whether what a table is on both sides is no matter of the moment. Tables come and go under one name while they are
 * migrated, so that any number of looks may find the source without one that its target has.
 */
export function steadyDefinitions(
  name: TableName,
  definitions: Definitions,
  reader: DefinitionReader,
  options: Pick<SettleOptions, 'barrier' | 'signal' | 'pauseMs'>,
): Promise<Proved<Definitions>> {
  return prove([definitions], options, async (open, closely) => {
    const look = await closely<TableDefinition | null>(
      options,
      {
        source: () => reader.readSide('source', name),
        target: () => reader.readSide('target', name),
        // What a statement made is shown for as long as the next one, that makes something else of it, waits.
        showsPending: true,
        atLeast,
      },
      (side, now) => now?.fingerprint === definitions[side === 'pending' ? 'source' : side]?.fingerprint,
    );
    return { steady: open, look };
  });
}
