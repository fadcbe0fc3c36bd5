import { expect, test } from 'vitest';
import { whatHolds } from '../../src/config/needs-restart.ts';
import { loaded, MINIMAL } from './write.ts';

const collector = 'http://127.0.0.1:4318';
const plain = `${MINIMAL}storage: { file: /var/lib/lockstep/lockstep.db }\n`;
const traced = `${plain}tracing: { url: '${collector}' }\n`;

test('where traces go holds until the next start, and is named', () => {
  const { config, needsRestart } = whatHolds(loaded(traced), loaded(plain));
  expect(needsRestart).toEqual(['tracing']);
  expect(config.tracing).toEqual({ url: collector, headers: {} });
  const begun = whatHolds(loaded(plain), loaded(traced));
  expect(begun.needsRestart).toEqual(['tracing']);
  expect(begun.config.tracing).toBeUndefined();
  expect(whatHolds(loaded(traced), loaded(traced)).needsRestart).toEqual([]);
});
