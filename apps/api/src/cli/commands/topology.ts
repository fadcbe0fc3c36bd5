import type { TopologyOptions } from '../topology.ts';
import type { AddCommand } from './command.ts';
import { configOption, takesAccount } from './server-options.ts';

export const topologyCommand: AddCommand = (program, { io, exit }) => {
  takesAccount(program.command('topology').addOption(configOption()))
    .description('draw who replicates from whom, with how far behind')
    .option('--from <place>', 'of what is found from this server on, not of a configuration')
    .action(async (options: TopologyOptions) => {
      const { topology } = await import('../topology.ts');
      exit(await topology(options, io));
    });
};
