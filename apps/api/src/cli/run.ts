import { checkKinds } from '@lockstep/checks';
import { Command, CommanderError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { check, type CheckOptions, type Verify } from './check.ts';
import { checkConfig } from './config-check.ts';
import { EXIT } from './exit-code.ts';
import { type Io, UsageError } from './io.ts';
import { serve } from './serve.ts';

/** Runs one command line; resolves with the exit code. */
export async function runCli(argv: readonly string[], io: Io, verify?: Verify): Promise<number> {
  let code: number = EXIT.ok;
  const program = commands(io, verify, (result) => (code = result));
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

function commands(io: Io, verify: Verify | undefined, exit: (code: number) => void): Command {
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

  program
    .command('serve')
    .description('watch all pairs and serve page and API until told to stop')
    .addOption(configOption())
    .action(async (options: { config?: string }) => exit(await serve(options.config, io)));

  program
    .command('check')
    .description('verify the data of the pairs once, now, and say what differs')
    .addOption(configOption())
    .option('--pair <name>', 'this pair only; may be repeated', append)
    .option(
      '--table <schema.table>',
      'this table only; may be repeated; names with dots as `a.b`.`c`',
      append,
    )
    .addOption(
      new Option('--check <check>', 'compare the content of every row, or count rows only')
        .choices(checkKinds)
        .default('checksum'),
    )
    .option(
      '--print-repair',
      'also print SQL that would make the targets the same: for you to read and run, Lockstep never does',
    )
    .addOption(
      new Option('--format <format>', 'what to print on standard output')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', checkExitCodes)
    .action(async (options: CheckOptions) => exit(await check(options, io, verify)));

  const config = program.command('config').description('look at the configuration');
  config
    .command('check')
    .description('examine the configuration and print what is in effect, secrets hidden')
    .addOption(configOption())
    .action((options: { config?: string }) => exit(checkConfig(options.config, io)));

  return program;
}

const configOption = () =>
  new Option('-c, --config <file>', 'YAML or JSON; else $LOCKSTEP_CONFIG, else ./lockstep.yaml');

const append = (value: string, list: string[] = []): string[] => [...list, value];

const checkExitCodes = `
Exit codes:
  0  every table was compared and matches
  1  a difference, a schema difference or a missing table
  2  nothing differs, but not everything could be verified, or a server could not be reached
  3  bad configuration or usage`;
