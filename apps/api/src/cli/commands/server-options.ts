import { type Command, Option } from 'commander';

export const configOption = () =>
  new Option('-c, --config <file>', 'YAML or JSON; else $LOCKSTEP_CONFIG, else ./lockstep.yaml');

/** Whose account goes to a server that is named on the command line. */
export function takesAccount(command: Command): Command {
  return command
    .option('--user <name>', 'the account; else that of the option file')
    .option(
      '--ask-pass',
      'ask for the password, or read it from standard input; else $MYSQL_PWD, the option file',
    )
    .option('--defaults-file <file>', "an option file of MySQL's programs; else ~/.my.cnf")
    .option('--tls', "TLS, with the server's certificate checked")
    .option('--tls-ca <file>', 'the same, against this authority (PEM)');
}

/** The file with the servers, or servers by name instead: see `NamedServers`. */
export function takesServers(command: Command): Command {
  command
    .addOption(configOption())
    .option('--source <place>', 'without a file: [USER@]HOST[:PORT], or the path of a socket')
    .option('--target <place>', 'the same of the target');
  return takesAccount(command).option(
    '--channel <name>',
    "the target's replication channel, where it has several",
  );
}
