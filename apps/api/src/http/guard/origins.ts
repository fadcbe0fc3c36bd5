import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { HttpConfig } from '../../config/loaded.ts';
import { isLoopback } from '../../config/loopback.ts';
import { printable } from '../../printable.ts';

export const notAdmitted = {
  host: 'The service is not known by this host name. To admit it, add its origin to http.allowedOrigins.',
  /** Where the two would be the same but for the proxy, it is the proxy that is to be mended. */
  originFor: (origin: string | undefined, host: string | undefined) =>
    'Pages of this origin may not use the service. To admit them, add it to http.allowedOrigins. ' +
    `The page is of ${said(origin)}, the request is for ${said(host)}: a proxy between passes the Host header on.`,
};

/** What anybody may have sent, for a sentence. */
function said(header: string | undefined): string {
  return header === undefined ? 'no origin' : printable(header).slice(0, 200);
}

type OriginSettings = Pick<HttpConfig, 'host' | 'auth' | 'allowedOrigins' | 'publicUrl'>;

/**
 * Which web pages may talk to the service. A browser lets any page send requests anywhere, so two headers that pages
 * cannot forge are looked at: Origin (the page's site) and Host (the name that the browser believes it talks to).
 */
export class Origins {
  readonly #allowed: Set<string>;
  readonly #allowedHosts: Set<string>;
  readonly #checkHost: boolean;
  /** What this machine is called, and what the configuration calls it. */
  readonly #own: Set<string>;

  constructor({ host, auth, allowedOrigins, publicUrl }: OriginSettings) {
    const origins = publicUrl === undefined ? allowedOrigins : [...allowedOrigins, new URL(publicUrl).origin];
    this.#allowed = new Set(origins);
    this.#allowedHosts = new Set(origins.map((origin) => new URL(origin).hostname));
    this.#own = new Set([hostname(), host].map((name) => name.toLowerCase()));
    // Elsewhere a foreign name is of no use to an attacker: the session cookie is not sent to it.
    // What a proxy says of who asks is said by whatever name it is asked.
    this.#checkHost = auth.kind === 'none' || auth.proxyHeader !== undefined || isLoopback(host);
  }

  /**
   * No page (no browser, or a person's own doing), the service's own page, or a site that the configuration admits.
   * `site`: Sec-Fetch-Site, where a browser says it.
   */
  mayCall(origin: string | undefined, host: string | undefined, site?: string): boolean {
    // A page that embeds an address of ours sends no Origin with that. `none`: a person typed it.
    if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
    if (this.#allowed.has(origin)) return true;
    return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
  }

  /** A site other than the service's own that the configuration admits. */
  isAllowedSite(origin: string): boolean {
    return this.#allowed.has(origin);
  }

  /**
   * Against DNS rebinding, where a name of the attacker's points at this machine: addresses, `localhost` and this
   * machine's own name cannot be the attacker's; other names must be among the allowed origins. One without a dot may
   * be: on a hostile network anybody answers for it.
   */
  mayBeCalled(host: string | undefined): boolean {
    // Browsers always say it.
    if (!this.#checkHost || host === undefined) return true;
    if (!URL.canParse(`http://${host}`)) return false;
    const name = new URL(`http://${host}`).hostname;
    return (
      isIP(name.replace(/^\[|\]$/g, '')) !== 0 ||
      name === 'localhost' ||
      name.endsWith('.localhost') ||
      this.#own.has(name) ||
      this.#allowedHosts.has(name)
    );
  }
}
