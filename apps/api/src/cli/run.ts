import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { Verify } from './check.ts';
import { checkCommand } from './commands/check.ts';
import type { Setting } from './commands/command.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { doctorCommand } from './commands/doctor.ts';
import { grantsCommand } from './commands/grants.ts';
import { initCommand } from './commands/init.ts';
import { lagCommand } from './commands/lag.ts';
import { notifyCommand } from './commands/notify.ts';
import { serveCommand } from './commands/serve.ts';
import { statusCommand } from './commands/status.ts';
import { topologyCommand } from './commands/topology.ts';
import { EXIT } from './exit-code.ts';
import { type Io, UsageError } from './io.ts';

/** Runs one command line; resolves with the exit code. */
export async function runCli(argv: readonly string[], io: Io, verify?: Verify): Promise<number> {
  let code: number = EXIT.ok;
  const setting: Setting = { io, exit: (result) => (code = result), ...(verify && { verify }) };
  const program = commands(setting);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof UsageError) {
      io.stderr.write(`${error.message}\n`);
      return EXIT.usage;
    }
    throw error;
  }
}

/** In the order in which the help lists them. */
const list = [
  initCommand,
  doctorCommand,
  grantsCommand,
  serveCommand,
  checkCommand,
  lagCommand,
  topologyCommand,
  statusCommand,
  notifyCommand,
  configCommand,
  completionCommand,
];

function commands(setting: Setting): Command {
  const { io } = setting;
  const program = new Command('lockstep')
    .description(
      'Watches MySQL and MariaDB replication: how far behind is each replica, and does it hold the same data as its source?',
    )
    .version(manifest.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showHelpAfterError('(lockstep --help shows how)');

  for (const add of list) add(program, setting);
  return program;
}
