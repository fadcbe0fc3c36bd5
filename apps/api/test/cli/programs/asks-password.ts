// Asks a command for a password: <its folder> <command …>, and ends when nobody writes to it any more.
import { passwordFromCommand } from '../../../src/config/password-command.ts';

const [folder = '', ...command] = process.argv.slice(2);
void passwordFromCommand(command, folder).catch(() => undefined);
process.stdin.on('end', () => process.exit(0)).resume();
