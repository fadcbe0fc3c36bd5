import type { GrantsOptions } from '../grants.ts';
import { type AddCommand, append } from './command.ts';
import { configOption } from './server-options.ts';

export const grantsCommand: AddCommand = (program, { io, exit }) => {
  program
    .command('grants')
    .description("print the statements that make Lockstep's account on each server: for you to read and run")
    .addOption(configOption())
    .option('--pair <name>', 'for this pair only; may be repeated', append)
    .option('--from <host>', "the account's host part: where Lockstep connects from, e.g. 10.0.0.%", '%')
    .action(async (options: GrantsOptions) => {
      const { grants } = await import('../grants.ts');
      exit(await grants(options, io));
    });
};
