import { InvalidArgumentError } from 'commander';
import type { LagOptions } from '../lag.ts';
import { type AddCommand, append } from './command.ts';
import { durationOption } from './duration-option.ts';
import { takesServers } from './server-options.ts';

export const lagCommand: AddCommand = (program, { io, exit }) => {
  takesServers(program.command('lag'))
    .description('say how far behind each pair is: one line a pair')
    .option('--pair <name>', 'this pair only; may be repeated', append)
    .option('--watch [seconds]', 'again every second, or every so many, until Ctrl-C', seconds)
    .option('--nagios', 'one line as the Monitoring Plugins have it, with figures')
    .option('--warning <duration>', 'for all pairs, in place of what is configured', durationOption)
    .option('--critical <duration>', 'the same', durationOption)
    .addHelpText('after', exitCodes)
    .action(async (options: LagOptions) => {
      const { lag } = await import('../lag.ts');
      exit(await lag(options, io));
    });
};

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0.1 && value <= 86_400) return value;
  throw new InvalidArgumentError('Expected a number of seconds, from 0.1 on.');
}

const exitCodes = `
Exit codes, as Nagios knows them:
  0  every lag is under its warning threshold
  1  one is over it
  2  one is over the critical threshold, or replication is stopped, broken or not configured
  3  one is not known (a server that cannot be reached); bad configuration or usage`;
