import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { cli } from './run.ts';

/** What bash offers for a line, by the script. */
async function offered(...line: string[]): Promise<string[]> {
  const { stdout } = await cli(['completion', 'bash']);
  const words = ['lockstep', ...line].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${words}); COMP_CWORD=${line.length}; _lockstep; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ran = spawnSync('bash', ['-c', `${stdout}\n${ask}`], { encoding: 'utf8' });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return ran.stdout.trim().split('\n');
}

test('bash completes commands and their options', async () => {
  expect(await offered('che')).toEqual(['check']);
  expect(await offered('check', '--expl')).toEqual(['--explain']);
  expect(await offered('config', '')).toEqual(['check', '--help']);
  expect(await offered('config', 'check', '--con')).toEqual(['--config']);
  expect(await offered('lag', '--expl')).toEqual(['']);
  expect(await offered('completion', 'f')).toEqual(['fish']);
  expect(await offered('check', '--format', '')).toEqual(['text', 'json']);
  expect(await offered('check', '--pair', '')).toEqual(['']);
  expect(await offered('check', '--config', 'package.j')).toEqual(['package.json']);
});

test('zsh and fish have scripts, and no other shell', async () => {
  expect((await cli(['completion', 'zsh'])).stdout).toMatch(/^#compdef lockstep\n/);
  const fish = await cli(['completion', 'fish']);
  expect(fish.stdout).toMatch(/^complete -c lockstep -f -n '__fish_use_subcommand' -a check -d '/m);
  expect(await cli(['completion', 'tcsh'])).toMatchObject({ code: 3 });
});
