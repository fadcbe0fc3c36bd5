import type { EngineConfig, Severity } from '@lockstep/checks';
import type { Grouping } from '../notify/grouping.ts';
import type { Route } from '../notify/route.ts';
import type { destinationTypes } from './notifications.ts';
import type { ConfigValue } from './values.ts';

/** A configuration that was read, found sound and completed with its defaults. Holds secrets: never log it whole. */
export interface LoadedConfig {
  /** Absolute path of the file it came from; '' for none. */
  file: string;
  engine: EngineConfig;
  http: HttpConfig;
  log: LogConfig;
  notifications: DestinationConfig[];
  /** Absent: nothing is traced. */
  tracing?: TracingConfig;
  /** Every effective setting with its origin, secrets redacted: what `config check` and the page show. */
  values: ConfigValue[];
}

export interface HttpConfig {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** What every address of the service begins with, e.g. `/lockstep`; empty for nothing. */
  basePath: string;
  auth: AuthConfig;
  /** Origins of other sites, e.g. `https://ops.example.com`, that may use the API from a browser. */
  allowedOrigins: string[];
  /** Addresses, or networks such as `10.0.0.0/8`, whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  /** Sockets and answers that may be open at a time. */
  maxConnections: number;
  /** Those of one session, of one token at one address or, where nobody signs in, of one address. */
  maxConnectionsPerClient: number;
  graphiql: boolean;
  /** Where people reach the page, the base path included: what links in messages begin with. */
  publicUrl?: string;
}

/**
 * `explicit`: the file says `auth: none` in so many words; without that, only a loopback host may go without. `tokens`:
 * everybody is asked, and shows who they are by a token or in another way that is set.
 */
export type AuthConfig =
  | { kind: 'none'; explicit: boolean }
  | { kind: 'tokens'; tokens: TokenConfig[]; proxyHeader?: ProxyHeaderConfig; oidc?: OidcConfig };

/** Who asks, as trusted proxies say it. */
export interface ProxyHeaderConfig {
  /** Of the header with the name. */
  name: string;
  /** Of the header with what leads to a role, separated by `,` or `|`. */
  roleHeader?: string;
  roles: RolesConfig;
}

/** An OpenID Connect provider that signs people in. */
export interface OidcConfig {
  issuer: string;
  clientId: string;
  /** Absent: a public client. */
  clientSecret?: string;
  scopes: string[];
  /** What people are called by; absent: `preferred_username`, `email` or `sub`. */
  nameClaim?: string;
  /** What leads to a role. */
  roleClaim?: string;
  roles: RolesConfig;
  /** What the provider is called on the page. */
  label: string;
  /** How long somebody stays signed in. */
  sessionMs: number;
}

/** What leads to which role; the first that fits, from above. */
export interface RolesConfig {
  operator: string[];
  viewer: string[];
  /** Of whom nothing fits; null: none. */
  otherwise: Role | null;
}

/** Where spans go, as OTLP over HTTP. */
export interface TracingConfig {
  url: string;
  /** Secrets. */
  headers: Record<string, string>;
}

export type Role = 'viewer' | 'operator';

export interface TokenConfig {
  /** Who holds it; shown where an operator's deed is recorded. */
  name: string;
  role: Role;
  /** SHA-256 of the token, 64 lower-case hex digits. */
  sha256: string;
}

/** Where alerts are told. */
export interface DestinationConfig {
  /** Messages are remembered by it. */
  name: string;
  type: DestinationType;
  /** A secret; of e-mail, the SMTP server with its account. */
  url: string;
  /** Milder alerts are not told. */
  minSeverity: Severity;
  /** Sent with every message; secrets. */
  headers?: Record<string, string>;
  /** Of e-mail. */
  letter?: { from: string; to: string[] };
  /** Of PagerDuty; a secret. */
  routingKey?: string;
  /** An alert is told when it fits one of them; without them, every alert. */
  routes?: Route[];
  /** What differs from how its kind groups. */
  grouping?: Partial<Grouping>;
  watchdogMs?: number;
}

export type DestinationType = (typeof destinationTypes)[number];

export interface LogConfig {
  level: LogLevel;
  /** `auto`: pretty on a terminal, JSON otherwise. */
  format: 'json' | 'pretty' | 'auto';
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
