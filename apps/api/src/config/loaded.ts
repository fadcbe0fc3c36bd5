import type { EngineConfig, Severity } from '@lockstep/checks';
import type { ConfigValue } from './values.ts';

/** A configuration that was read, found sound and completed with its defaults. Holds secrets: never log it whole. */
export interface LoadedConfig {
  /** Absolute path of the file it came from; '' for none. */
  file: string;
  engine: EngineConfig;
  http: HttpConfig;
  log: LogConfig;
  notifications: DestinationConfig[];
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
}

/** `explicit`: the file says `auth: none` in so many words; without that, only a loopback host may go without. */
export type AuthConfig = { kind: 'none'; explicit: boolean } | { kind: 'tokens'; tokens: TokenConfig[] };

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
  type: 'webhook' | 'slack';
  /** A secret. */
  url: string;
  /** Milder alerts are not told. */
  minSeverity: Severity;
}

export interface LogConfig {
  level: LogLevel;
  /** `auto`: pretty on a terminal, JSON otherwise. */
  format: 'json' | 'pretty' | 'auto';
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
