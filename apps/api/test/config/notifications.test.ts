import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loaded, MINIMAL, problems } from './write.ts';

const withDestinations = (list: string) => `${MINIMAL}notifications:\n${list}`;

describe('notifications', () => {
  test('go nowhere unless told', () => {
    expect(loaded(MINIMAL).notifications).toEqual([]);
  });

  test('go to the address in the file, in a file of its own or in the environment, which is never shown', () => {
    const config = loaded(
      withDestinations(
        '  - {name: chat, type: slack, url: "${CHAT}", minSeverity: critical}\n' +
          '  - {name: ops, type: webhook, urlFile: ops-url}\n',
      ),
      {
        env: { CHAT: 'https://chat.example.com/SECRET-1' },
        files: { 'ops-url': 'https://ops.example.com/SECRET-2\n' },
      },
    );
    expect(config.notifications).toEqual([
      { name: 'chat', type: 'slack', url: 'https://chat.example.com/SECRET-1', minSeverity: 'CRITICAL' },
      { name: 'ops', type: 'webhook', url: 'https://ops.example.com/SECRET-2', minSeverity: 'INFO' },
    ]);
    expect(inspect(config.values, { depth: null })).not.toContain('SECRET');
    expect(config.values.find(({ path }) => path === 'notifications.chat.url')?.value).toBe('••••');
  });

  test('need one address each and a name of their own, and every fault is named without the address', () => {
    const found = problems(
      withDestinations(
        '  - {name: a, type: pager, url: "https://a.example.com/SECRET"}\n' +
          '  - {name: b, type: slack}\n' +
          '  - {name: b, type: slack, url: "https://b.example.com/SECRET", urlFile: nowhere}\n' +
          '  - {name: c, type: webhook, url: "ftp://c.example.com/SECRET"}\n' +
          '  - {name: d, type: webhook, urlFile: d-url}\n',
      ),
      { files: { 'd-url': 'SECRET' } },
    );
    expect(found).toEqual([
      expect.stringMatching(
        /notifications\[0\]\.type.*expected webhook, slack, .* or alertmanager, found "pager"/s,
      ),
      expect.stringMatching(/notifications\[1\]\.url.*missing; expected one of url and urlFile/s),
      expect.stringMatching(/notifications\[2\]\.name.*expected a name of its own/s),
      expect.stringMatching(/notifications\[2\]\.urlFile.*expected one of url and urlFile, found both/s),
      expect.stringMatching(/notifications\[2\]\.urlFile.*expected a file that can be read/s),
      expect.stringMatching(/notifications\[3\]\.url.*expected an address that starts with/s),
      expect.stringMatching(/notifications\[4\]\.urlFile.*it does not hold an address/s),
    ]);
    expect(found.join()).not.toContain('SECRET');
  });
});
