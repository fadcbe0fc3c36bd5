import type { NotifyTestOptions } from '../notify-test.ts';
import type { AddCommand } from './command.ts';
import { configOption } from './server-options.ts';

export const notifyCommand: AddCommand = (program, { io, exit }) => {
  const notify = program.command('notify').description('look at whom alerts are told to');
  notify
    .command('test')
    .description('send a test message to every destination, or to those named, and say what became of it')
    .argument('[name...]', 'destinations under `notifications` in the configuration')
    .addOption(configOption())
    .addHelpText('after', exitCodes)
    .action(async (names: string[], options: NotifyTestOptions) => {
      const { notifyTest } = await import('../notify-test.ts');
      exit(await notifyTest(names, options, io));
    });
};

const exitCodes = `
Exit codes:
  0  every message was accepted
  1  one was not
  3  bad configuration or usage`;
