import { Argument } from 'commander';
import type { Shell } from '../completion.ts';
import type { AddCommand } from './command.ts';

export const completionCommand: AddCommand = (program, { io, exit }) => {
  program
    .command('completion')
    .description('print a script that has the shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\ne.g. in ~/.bashrc: source <(lockstep completion bash)')
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion.ts');
      io.stdout.write(completionScript(program, shell));
      exit(0);
    });
};
