import type { Finding } from '../explain.ts';
import { getIn, isMap, type Path, type RawMap } from '../path.ts';

const auth = ['http', 'auth'] as const;

/** Whoever is asked who they are can say it in some way, and what they say leads to a role. */
export function people(raw: unknown): Finding[] {
  const ways = getIn(raw, auth);
  if (!isMap(ways)) return [];
  if (Object.keys(ways).length === 0) {
    return [
      {
        path: [...auth, 'tokens'],
        message: 'missing; expected at least one of tokens, proxyHeader and oidc',
      },
    ];
  }
  const { proxyHeader, oidc } = ways;
  return [
    ...(isMap(proxyHeader) ? [...ofProxies(raw), ...ofRoles(proxyHeader, 'proxyHeader', 'roleHeader')] : []),
    ...(isMap(oidc) ? ofRoles(oidc, 'oidc', 'roleClaim') : []),
  ];
}

/** Anybody can send a header: it is believed of whom it is said to be. */
function ofProxies(raw: unknown): Finding[] {
  const proxies = getIn(raw, ['http', 'trustedProxies']);
  if (proxies !== undefined && !(Array.isArray(proxies) && proxies.length === 0)) return [];
  const message = `${proxies === undefined ? 'missing; ' : ''}expected the proxies whose http.auth.proxyHeader is believed`;
  return [
    {
      path: ['http', 'trustedProxies'],
      message: proxies === undefined ? message : `${message}, found an empty list`,
    },
  ];
}

function ofRoles(way: RawMap, name: string, by: string): Finding[] {
  const at = (key: string): Path => [...auth, name, key];
  const has = (key: string) => way[key] !== undefined;
  if (has('roles') && !has(by)) {
    return [{ path: at(by), message: `missing; expected what http.auth.${name}.roles are found by` }];
  }
  if (has(by) && !has('roles')) {
    return [
      { path: at('roles'), message: `missing; expected which values of http.auth.${name}.${by} make a role` },
    ];
  }
  if (has('roles') || has('defaultRole')) return [];
  return [{ path: at('defaultRole'), message: `missing; expected viewer or operator, or ${by} and roles` }];
}
