import type { CheckKind } from '@lockstep/checks';
import { Option } from 'commander';
import type { CheckOptions } from '../check.ts';
import { type AddCommand, append } from './command.ts';
import { takesServers } from './server-options.ts';

const kinds: CheckKind[] = ['checksum', 'consistency'];

export const checkCommand: AddCommand = (program, { io, exit, verify }) => {
  takesServers(program.command('check'))
    .description('verify the data of the pairs once, now, and say what differs')
    .option('--pair <name>', 'this pair only; may be repeated', append)
    .option(
      '--table <schema.table>',
      'this table only; may be repeated; names with dots as `a.b`.`c`',
      append,
    )
    .addOption(
      new Option('--check <check>', 'compare the content of every row, or count rows only')
        .choices(kinds)
        .default('checksum'),
    )
    .option(
      '--print-repair',
      'also print SQL that would make the targets the same: for you to read and run, Lockstep never does',
    )
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

const exitCodes = `
Exit codes:
  0  every table was compared and matches
  1  a difference, a schema difference or a missing table
  2  nothing differs, but not everything could be verified, or a server could not be reached
  3  bad configuration or usage`;
