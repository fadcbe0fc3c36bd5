import type { AddCommand } from './command.ts';
import { configOption } from './server-options.ts';

export const configCommand: AddCommand = (program, { io, exit }) => {
  const config = program.command('config').description('look at the configuration');
  config
    .command('check')
    .description('examine the configuration and print what is in effect, secrets hidden')
    .addOption(configOption())
    .action(async (options: { config?: string }) => {
      const { checkConfig } = await import('../config-check.ts');
      exit(checkConfig(options.config, io));
    });
};
