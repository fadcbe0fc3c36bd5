import { join } from 'node:path';
import { run } from '../run.ts';
import { repository } from './command.ts';

export interface Workspace {
  name: string;
  folder: string;
}

/** What of turbo's plan is read here. */
interface Plan {
  tasks: { task: string; package: string; directory: string; command: string }[];
}

/** The workspaces whose tests turbo would run, given further arguments for it. */
export async function testedWorkspaces(turboArgs: string[]): Promise<Workspace[]> {
  const args = ['run', 'test', '--dry=json', ...turboArgs];
  const plan = JSON.parse(await run('turbo', args, { cwd: repository })) as Plan;
  return plan.tasks
    .filter(({ task, command }) => task === 'test' && command !== '<NONEXISTENT>')
    .map(({ package: name, directory }) => ({ name, folder: join(repository, directory) }));
}
