import { Option } from 'commander';
import type { StatusOptions } from '../status.ts';
import type { AddCommand } from './command.ts';

export const statusCommand: AddCommand = (program, { io, exit }) => {
  program
    .command('status')
    .description('ask a running service how its pairs are, and which alerts are firing')
    .option('--url <address>', 'where it is served', 'http://127.0.0.1:8080')
    .option('--token-file <file>', 'a file with a token; else $LOCKSTEP_TOKEN')
    .addOption(
      new Option('--format <format>', 'what to print on standard output')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', exitCodes)
    .action(async (options: StatusOptions) => {
      const { status } = await import('../status.ts');
      exit(await status(options, io));
    });
};

const exitCodes = `
Exit codes:
  0  no alert is firing
  1  a critical one is
  2  another one is, or the service does not answer
  3  bad usage`;
