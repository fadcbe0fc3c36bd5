import type { RepairText, TableResult } from '@lockstep/checks';
import { repairScript } from '../repair-script.ts';
import { builder } from './builder.ts';
import { type ApiContext, serverNamed } from './context.ts';
import { attempt, resultOf } from './request-error.ts';

interface Repair {
  repair: RepairText;
  script: string;
}

const RepairType = builder.objectRef<Repair>('Repair').implement({
  description:
    'Statements that would make the listed rows of the target what they are on the source, made of what both servers hold now. ' +
    'They are for a person to read and to run: Lockstep never does.',
  fields: (t) => ({
    preamble: t.stringList({
      description:
        'A check that they run on the server, in the role, that they were made for; what the session that runs them has to be set to; and the start of a transaction.',
      resolve: ({ repair }) => repair.preamble,
    }),
    statements: t.stringList({
      description:
        'In the order in which they have to be run, the last one a COMMIT. Each is guarded by the key and all old values, so that it leaves a row alone that was changed since.',
      resolve: ({ repair }) => repair.statements,
    }),
    afterwards: t.stringList({
      description: 'What takes back those settings that must not stay, as statements.',
      resolve: ({ repair }) => repair.afterwards ?? [],
    }),
    notes: t.stringList({
      description: 'What could not be put into a statement, and why.',
      resolve: ({ repair }) => repair.notes,
    }),
    script: t.exposeString('script', {
      description: 'All of it as one SQL script, with comments that say where it belongs.',
    }),
  }),
});

export const RepairResult = resultOf(
  'RepairResult',
  'The repair, or why there is none: `FORBIDDEN` for viewers, `UNAVAILABLE` when a server cannot be asked.',
  RepairType,
);

/** Reads from both servers, so it is for operators, and is counted as what it costs them. */
export const repairCost = 20_000;

export function repairOf({ pair, check, schema, table }: Omit<TableResult, 'rows'>, context: ApiContext) {
  return attempt(context, async (): Promise<Repair> => {
    const repair = await context.engine.repair(pair, check, schema, table);
    const target = serverNamed(context, context.engine.pair(pair)?.target);
    return { repair, script: repairScript({ pair, target, schema, table, at: new Date(), repair }) };
  });
}
