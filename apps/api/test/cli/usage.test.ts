import { describe, expect, test } from 'vitest';
import { cli } from './run.ts';

describe('help', () => {
  test.for([[], ['serve'], ['check'], ['config'], ['config', 'check']])(
    'is there for: lockstep %s',
    async (command) => {
      const { code, stdout } = await cli([...command, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Usage: lockstep/);
    },
  );

  test('of check names the exit codes', async () => {
    const { stdout } = await cli(['check', '--help']);
    expect(stdout).toMatch(/0 {2}every table .* matches\n {2}1 {2}a difference/);
  });

  test('of the commands with a file says where else it is looked for', async () => {
    for (const command of [['serve'], ['check'], ['config', 'check']]) {
      const { stdout } = await cli([...command, '--help']);
      expect(stdout.replace(/\s+/g, ' ')).toContain('else $LOCKSTEP_CONFIG, else ./lockstep.yaml');
    }
  });
});

test('the version is that of the package', async () => {
  expect((await cli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('a mistake on the command line ends with 3 and says what was meant', () => {
  test.for<[string[], string]>([
    [[], 'Usage: lockstep'],
    [['serv'], 'Did you mean serve?'],
    [['serve', '--confg', 'x'], 'Did you mean --config?'],
    [['check', '--tabel', 'a.b'], 'Did you mean --table?'],
    [['config', 'chek'], 'Did you mean check?'],
    [['check', '--format', 'xml'], 'Allowed choices are text, json'],
    [['check', 'everything'], 'too many arguments'],
    [['check', '--pair'], 'argument missing'],
  ])('%j', async ([argv, expected]) => {
    const { code, stdout, stderr } = await cli(argv);
    expect(code).toBe(3);
    expect(stderr).toContain(expected);
    expect(stdout).toBe('');
  });
});
