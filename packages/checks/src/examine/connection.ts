import type { ServerConfig } from '../config.ts';
import { addressOf } from '../server/address.ts';
import { atLeast } from '../server/flavour.ts';
import { instanceText } from '../server/instance.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import { bad, doubt, type Finding, good } from './finding.ts';
import type { ServerSettings } from './server-settings.ts';

/** Older ones are not part of the tests. */
const oldest = { mysql: [8, 0, 0], mariadb: [10, 5, 0] } as const;

export function version({ flavour, version, versionText }: ServerFacts): Finding {
  const [major, minor, patch] = oldest[flavour];
  const text = `${flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${versionText}`;
  if (atLeast(version, [major, minor, patch])) return good('version', text);
  return doubt('version', `${text}, older than any that Lockstep is tested with`, null);
}

export function tls(config: ServerConfig, { cipher }: ServerSettings): Finding {
  if (cipher !== '') {
    const checked = config.tls?.verifyIdentity === true;
    if (checked) return good('TLS', `${cipher}, its certificate was checked`);
    return doubt(
      'TLS',
      `${cipher}, but whose certificate it is was not checked`,
      'tls: true, or tls: { ca: … } for an authority of your own',
    );
  }
  const near = config.socket != null || /^(localhost|127\.|::1$)/.test(config.host);
  if (near) return good('TLS', 'none, and none is needed: it is on this machine');
  return doubt('TLS', 'none: what is read crosses the network in the clear', 'tls: true');
}

/** Who answers calls itself something else where something stands in between. */
export function inBetween(config: ServerConfig, { instance }: ServerFacts): Finding {
  const { port } = instance;
  if (config.socket == null && port !== undefined && Number(port) !== config.port) {
    return doubt(
      'proxy',
      `it is reached at ${addressOf(config)}, and says of itself ${instanceText(instance)}: a proxy, a tunnel or a mapped port lies between`,
      'where that is a proxy or a balancer, name the server itself',
    );
  }
  return good('proxy', `none is noticed: each answer came from ${instanceText(instance)}`);
}

export function reach(connected: boolean, evidence: string, turnedAway = false): Finding {
  if (connected) return good('reach', evidence);
  return bad(
    'reach',
    evidence,
    turnedAway
      ? 'see that the account is there, with this password: "lockstep grants" prints the statements that make it'
      : null,
  );
}
