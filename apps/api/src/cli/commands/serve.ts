import type { AddCommand } from './command.ts';
import { configOption } from './server-options.ts';

export const serveCommand: AddCommand = (program, { io, exit }) => {
  program
    .command('serve')
    .description('watch all pairs and serve page and API until told to stop')
    .addOption(configOption())
    .action(async (options: { config?: string }) => {
      const { serve } = await import('../serve.ts');
      exit(await serve(options.config, io));
    });
};
