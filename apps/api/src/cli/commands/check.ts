import type { CheckKind } from '@lockstep/checks';
import { Option } from 'commander';
import type { CheckOptions } from '../check.ts';
import { type AddCommand, append } from './command.ts';
import { durationOption } from './duration-option.ts';
import { takesServers } from './server-options.ts';

const kinds: CheckKind[] = ['checksum', 'consistency'];

export const checkCommand: AddCommand = (program, { io, exit, verify }) => {
  takesServers(program.command('check'))
    .description('verify the data of the pairs once, now, and say what differs')
    .option('--pair <name>', 'this pair only; may be repeated', append)
    .option(
      '--table <schema.table>',
      'this table only, or a pattern with * and ?; may be repeated; names with dots as `a.b`.`c`',
      append,
    )
    .option('--where <condition>', 'compare only rows that this SQL condition holds for, on both sides')
    .option('--ignore-columns <names>', 'do not compare these columns, e.g. last_seen,updated_at', names)
    .addOption(
      new Option('--check <check>', 'compare the content of every row, or count rows only')
        .choices(kinds)
        .default('checksum'),
    )
    .option(
      '--print-repair',
      'also print SQL that would make the targets the same: for you to read and run, Lockstep never does',
    )
    .option(
      '--explain',
      'say which tables would be compared, by which key and statement, and compare nothing',
    )
    .option('--timeout <duration>', 'stop after so long, e.g. 10m: the rest is unverified', durationOption)
    .option(
      '--run-time <duration>',
      'compare for so long, e.g. 2h, then leave the rest to the next call with the same --state',
      durationOption,
    )
    .option('--state <file>', 'where what was compared is kept until all is; what is there is gone on with')
    .option('-q, --quiet', 'no progress, and nothing of what matches')
    .addOption(
      new Option('--format <format>', 'what to print on standard output')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', exitCodes)
    .action(async (options: CheckOptions) => {
      const { check } = await import('../check.ts');
      exit(await check(options, io, verify));
    });
};

const names = (text: string, list: string[] = []): string[] => [
  ...list,
  ...text.split(',').map((name) => name.trim()),
];

const exitCodes = `
Exit codes:
  0  every table was compared and matches
  1  a difference, a schema difference or a missing table
  2  nothing differs, but not everything could be verified, or a server could not be reached
  3  bad configuration or usage`;
