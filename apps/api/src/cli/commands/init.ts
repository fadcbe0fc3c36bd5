import type { InitOptions } from '../init.ts';
import type { AddCommand } from './command.ts';
import { takesAccount } from './server-options.ts';

export const initCommand: AddCommand = (program, { io, exit }) => {
  takesAccount(program.command('init'))
    .description('find all servers that replicate with one, and write a configuration for them')
    .requiredOption('--from <place>', 'a server of the topology: [USER@]HOST[:PORT], or the path of a socket')
    .option(
      '-o, --output <file>',
      'where to write it, - for standard output; never over a file',
      'lockstep.yaml',
    )
    .option('--account <name>', "Lockstep's account, as the file is to name it", 'lockstep')
    .addHelpText('after', about)
    .action(async (options: InitOptions) => {
      const { init } = await import('../init.ts');
      exit(await init(options, io));
    });
};

const about = `
The account that it goes with (--user) has to see replication on every server: SHOW REPLICA STATUS, SHOW REPLICAS
(REPLICATION SLAVE; MariaDB: REPLICATION MASTER ADMIN) and the process list (PROCESS), for replicas without report_host.
Exit codes: 0 all were found; 2 some could not be asked or found, the rest is written; 3 bad usage, or the file exists.`;
