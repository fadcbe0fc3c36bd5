import { BaseSequencer, type TestSpecification } from 'vitest/node';

const order = ['heavy', 'plain'];

/**
 * Files that need servers begin before those that need nothing: they wait much of their time, and the longest of them
 * for minutes. What needs nothing is short, and fills the workers while the last of them end; the other way round a
 * long file that began late is waited for alone.
 */
export class ServersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ project }: TestSpecification) => order.indexOf(project.name);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
