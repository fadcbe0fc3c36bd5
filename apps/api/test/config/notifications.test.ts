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

describe('a destination of notifications', () => {
  test('says what it groups, what is routed to it, and what its kind needs', () => {
    const { notifications, values, http } = loaded(
      `${withDestinations(
        '  - name: mail\n' +
          '    type: email\n' +
          '    url: smtps://user:SECRET@mail.example.com\n' +
          '    from: Lockstep <lockstep@example.com>\n' +
          '    to: dba@example.com\n' +
          '    headers: {X-Key: SECRET}\n' +
          '    routes: [{severity: critical, rule: [replication-*], labels: {team: [shop, stock]}}]\n' +
          '    groupBy: [team, rule]\n' +
          '    groupWait: 30s\n' +
          '    repeatInterval: off\n' +
          '    watchdog: 1d\n' +
          '  - {name: duty, type: pagerduty, routingKeyFile: duty-key}\n',
      )}http: {publicUrl: "https://ops.example.com/lockstep"}\n`,
      { files: { 'duty-key': 'SECRET\n' } },
    );
    expect(notifications).toEqual([
      {
        name: 'mail',
        type: 'email',
        url: 'smtps://user:SECRET@mail.example.com',
        minSeverity: 'INFO',
        headers: { 'X-Key': 'SECRET' },
        letter: { from: 'Lockstep <lockstep@example.com>', to: ['dba@example.com'] },
        routes: [
          {
            severity: ['CRITICAL'],
            pair: null,
            server: null,
            rule: ['replication-*'],
            table: null,
            labels: { team: ['shop', 'stock'] },
          },
        ],
        grouping: { by: ['team', 'rule'], waitMs: 30_000, repeatMs: null },
        watchdogMs: 86_400_000,
      },
      {
        name: 'duty',
        type: 'pagerduty',
        url: 'https://events.pagerduty.com/v2/enqueue',
        minSeverity: 'INFO',
        routingKey: 'SECRET',
      },
    ]);
    expect(http.publicUrl).toBe('https://ops.example.com/lockstep');
    expect(inspect(values, { depth: null })).not.toContain('SECRET');
  });

  test('has nothing that only another kind knows, and every fault is named without a secret', () => {
    const found = problems(
      `${withDestinations(
        '  - {name: a, type: email, url: "https://SECRET.example.com"}\n' +
          '  - {name: b, type: slack, url: "smtp://SECRET.example.com", to: dba@example.com}\n' +
          '  - {name: c, type: pagerduty}\n' +
          '  - {name: d, type: webhook, url: "https://d.example.com", headers: {X: "SECRET\\nY: 1"}}\n' +
          '  - {name: e, type: webhook, url: "https://e.example.com", routes: [{rules: lag}], groupWait: 2h}\n',
      )}http: {publicUrl: "ops.example.com"}\n`,
    );
    expect(found.map((one) => one.replace(/^\S+ /, ''))).toEqual([
      expect.stringMatching(/^notifications\[0\]\.from: missing/),
      expect.stringMatching(/^notifications\[0\]\.to: missing/),
      expect.stringMatching(/^notifications\[0\]\.url: expected an address that starts with smtps/),
      expect.stringMatching(/^notifications\[1\]\.url: expected an address that starts with https/),
      expect.stringMatching(/^notifications\[1\]\.to: is for email only, not for slack/),
      expect.stringMatching(/^notifications\[2\]\.routingKey: missing; expected one of/),
      expect.stringMatching(/^notifications\[3\]\.headers\.X: expected the value of a header/),
      expect.stringMatching(/^notifications\[4\]\.routes\[0\]\.rules: unknown key.*rule/),
      expect.stringMatching(/^notifications\[4\]\.groupWait: expected a duration from/),
      expect.stringMatching(/^http\.publicUrl: expected where people reach the page/),
    ]);
    expect(found.join()).not.toContain('SECRET');
  });
});
