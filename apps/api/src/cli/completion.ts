import type { Command } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Each command with its options, `config check` as two words. */
interface Completed {
  words: string;
  description: string;
  options: {
    flag: string;
    description: string;
    /** What comes after it; null: nothing, or not always. */
    takes: 'file' | 'value' | null;
    /** The values that it can have; empty where there are no such. */
    choices: readonly string[];
  }[];
  /** What the command itself can be given. */
  choices: readonly string[];
}

/** A script for the shell, made of the commands as they are. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = completed(program, '');
  return shell === 'fish' ? fish(commands) : bash(commands, shell);
}

function completed(command: Command, before: string): Completed[] {
  return command.commands.flatMap((each) => {
    const words = `${before}${each.name()}`;
    const options = each.options.map(({ long, short, description, flags, required, argChoices }) => ({
      flag: long ?? short ?? '',
      description,
      takes: flags.includes('<file>') ? ('file' as const) : required ? ('value' as const) : null,
      choices: argChoices ?? [],
    }));
    const help = { flag: '--help', description: 'display help for command', takes: null, choices: [] };
    const choices = each.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    const own = { words, description: each.description(), options: [...options, help], choices };
    return [own, ...completed(each, `${words} `)];
  });
}

/** zsh knows bash's way, once it is told so. */
function bash(commands: Completed[], shell: 'bash' | 'zsh'): string {
  const words = (list: string[]) => [...new Set(list)].join(' ');
  const first = words([...commands.map(({ words }) => words.split(' ')[0] ?? ''), '--help', '--version']);
  const cases = commands.map(({ words: path, options, choices }) => {
    const inner = commands.flatMap((each) =>
      each.words.startsWith(`${path} `) ? [each.words.slice(path.length + 1)] : [],
    );
    return `    '${path}') words='${words([...inner, ...choices, ...options.map(({ flag }) => flag)])}' ;;`;
  });
  const all = commands.flatMap(({ options }) => options);
  const flags = (takes: 'file' | 'value') =>
    words(
      all.filter((each) => each.takes === takes && each.choices.length === 0).map(({ flag }) => flag),
    ).replaceAll(' ', '|');
  // An option that has choices has the same ones in every command.
  const chosen = new Map(
    all.filter(({ choices }) => choices.length > 0).map(({ flag, choices }) => [flag, choices]),
  );
  const values = [...chosen].map(
    ([flag, choices]) =>
      `    ${flag}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")); return ;;`,
  );
  return `${shell === 'zsh' ? '#compdef lockstep\nautoload -U +X bashcompinit && bashcompinit\n' : ''}# lockstep completion ${shell}
_lockstep() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words='${first}' path="\${COMP_WORDS[1]}"
  [ "$path" = config ] && [ "$COMP_CWORD" -gt 2 ] && path="config \${COMP_WORDS[2]}"
  case "$before" in
    -c|-o|${flags('file')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
${values.join('\n')}
    ${flags('value')}) return ;;
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
  const lines = commands.flatMap(({ words, description, options, choices }) => {
    const path = words.split(' ');
    const last = path.at(-1) ?? '';
    const when =
      path.length === 1
        ? '__fish_use_subcommand'
        : `__fish_seen_subcommand_from ${path.slice(0, -1).join(' ')}`;
    return [
      `complete -c lockstep -f -n '${when}' -a ${last} -d ${quote(description)}`,
      ...choices.map(
        (choice) => `complete -c lockstep -f -n '__fish_seen_subcommand_from ${last}' -a ${choice}`,
      ),
      ...options.map(
        ({ flag, description, takes, choices }) =>
          `complete -c lockstep -n '__fish_seen_subcommand_from ${last}' -l ${flag.replace(/^--/, '')}${takes === 'file' ? ' -rF' : takes === 'value' ? ' -x' : ''}${choices.length > 0 ? ` -a ${quote(choices.join(' '))}` : ''} -d ${quote(description)}`,
      ),
    ];
  });
  // Files are offered where a file is meant.
  return `# lockstep completion fish\ncomplete -c lockstep -f\n${lines.join('\n')}\n`;
}
