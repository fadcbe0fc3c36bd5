type Hook = () => unknown;

export interface Collected {
  file: string;
  name: string;
  before: Hook[];
  after: Hook[];
  run: () => unknown;
}

interface Suite {
  name: string;
  before: Hook[];
  after: Hook[];
}

/** What the files of tests register while they are imported, and what the test that runs wants done at its end. */
export const collected = {
  file: '',
  suites: [] as Suite[],
  tests: [] as Collected[],
  atEnd: [] as Hook[],
};

export function beginFile(file: string): void {
  collected.file = file;
  collected.suites = [{ name: '', before: [], after: [] }];
}
