import type { CheckKind, CheckMethod, Verdict } from '@lockstep/checks';
import { describedEnum } from './described-enum.ts';

export const CheckKindType = describedEnum<CheckKind>('CheckKind', 'What a check compares.', {
  checksum: 'The content of every row.',
  consistency:
    'Row counts, chunk by chunk: cheaper. It sees neither changed rows nor, within one chunk, as many surplus rows as missing ones.',
});

export const CheckMethodType = describedEnum<CheckMethod>('CheckMethod', 'How a table was compared.', {
  rows: 'By hashes of rows, in chunks; what looks different is settled row by row.',
  native: "As `ROWS`; what the servers' own `CHECKSUM TABLE` says is told besides, and decides nothing.",
  count: 'By counting rows, in chunks.',
});

export const VerdictType = describedEnum<Verdict>('Verdict', 'What is known of a table after a check.', {
  MATCH: 'Every chunk matched in this run.',
  DIFFERENT: 'At least one difference is confirmed.',
  SCHEMA_DIFFERS: 'Columns, types, keys or charsets are not the same.',
  MISSING: 'The table exists on one side only.',
  UNVERIFIED: 'It could not be decided; the reason says why.',
  ERROR: 'The check itself failed; the reason has the words of the server.',
});
