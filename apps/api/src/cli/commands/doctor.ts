import { Option } from 'commander';
import type { DoctorOptions } from '../doctor.ts';
import { type AddCommand, append } from './command.ts';
import { takesServers } from './server-options.ts';

export const doctorCommand: AddCommand = (program, { io, exit }) => {
  takesServers(program.command('doctor'))
    .description('examine servers and pairs: what is in order, and what mends the rest')
    .option('--host <place>', 'one server alone: [USER@]HOST[:PORT], or the path of a socket')
    .option('--pair <name>', 'this pair and its servers only; may be repeated', append)
    .addOption(
      new Option('--format <format>', 'what to print on standard output')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', exitCodes)
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../doctor.ts');
      exit(await doctor(options, io));
    });
};

const exitCodes = `
Exit codes:
  0  everything is in order (✓)
  1  something has to be mended (✕)
  2  something is not known, or worth a look (?)
  3  bad configuration or usage`;
