import type { Command } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Each command with its options, `config check` as two words. */
interface Completed {
  words: string;
  description: string;
  options: { flag: string; description: string; takesFile: boolean }[];
}

/** A script for the shell, made of the commands as they are. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = completed(program, '');
  return shell === 'fish' ? fish(commands) : bash(commands, shell);
}

function completed(command: Command, before: string): Completed[] {
  return command.commands.flatMap((each) => {
    const words = `${before}${each.name()}`;
    const options = each.options.map(({ long, short, description, flags }) => ({
      flag: long ?? short ?? '',
      description,
      takesFile: flags.includes('<file>'),
    }));
    const help = { flag: '--help', description: 'display help for command', takesFile: false };
    const own = { words, description: each.description(), options: [...options, help] };
    return [own, ...completed(each, `${words} `)];
  });
}

/** zsh knows bash's way, once it is told so. */
function bash(commands: Completed[], shell: 'bash' | 'zsh'): string {
  const words = (list: string[]) => [...new Set(list)].join(' ');
  const first = words([...commands.map(({ words }) => words.split(' ')[0] ?? ''), '--help', '--version']);
  const cases = commands.map(({ words: path, options }) => {
    const inner = commands.flatMap((each) =>
      each.words.startsWith(`${path} `) ? [each.words.slice(path.length + 1)] : [],
    );
    return `    '${path}') words='${words([...inner, ...options.map(({ flag }) => flag)])}' ;;`;
  });
  const files = words(
    commands.flatMap(({ options }) => options.filter(({ takesFile }) => takesFile).map(({ flag }) => flag)),
  ).replaceAll(' ', '|');
  return `${shell === 'zsh' ? '#compdef lockstep\nautoload -U +X bashcompinit && bashcompinit\n' : ''}# lockstep completion ${shell}
_lockstep() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words='${first}' path="\${COMP_WORDS[1]}"
  [ "$path" = config ] && [ "$COMP_CWORD" -gt 2 ] && path="config \${COMP_WORDS[2]}"
  case "$before" in
    -c|-o|${files}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  [ "$COMP_CWORD" -gt 1 ] && case "$path" in
${cases.join('\n')}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _lockstep lockstep
`;
}

function fish(commands: Completed[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ words, description, options }) => {
    const path = words.split(' ');
    const last = path.at(-1) ?? '';
    const when =
      path.length === 1
        ? '__fish_use_subcommand'
        : `__fish_seen_subcommand_from ${path.slice(0, -1).join(' ')}`;
    return [
      `complete -c lockstep -f -n '${when}' -a ${last} -d ${quote(description)}`,
      ...options.map(
        ({ flag, description, takesFile }) =>
          `complete -c lockstep -n '__fish_seen_subcommand_from ${last}' -l ${flag.replace(/^--/, '')}${takesFile ? ' -rF' : ''} -d ${quote(description)}`,
      ),
    ];
  });
  return `# lockstep completion fish\n${lines.join('\n')}\n`;
}
