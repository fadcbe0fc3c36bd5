import type { Logger } from '../log.ts';
import type { MissingPrivilege } from '../model/server.ts';
import { quoteAccount } from './grants.ts';
import { ServerFault, type SqlServer } from './sql-server.ts';

export interface MissingPrivilegesOptions {
  server: SqlServer;
  user: string;
  log: Logger;
  onChange: () => void;
}

/** What Lockstep's account lacks on one server, by the feature that found it. */
export class MissingPrivileges {
  readonly #options: MissingPrivilegesOptions;
  readonly #missing = new Map<string, MissingPrivilege>();

  constructor(options: MissingPrivilegesOptions) {
    this.#options = options;
  }

  list(): MissingPrivilege[] {
    return [...this.#missing.values()];
  }

  report(feature: string, grant: string, message: string): void {
    const { server, log, onChange } = this.#options;
    const known = this.#missing.get(feature);
    if (known?.grant === grant && known.message === message) return;
    this.#missing.set(feature, { feature, grant, message });
    log.warn({ server: server.name, feature, grant }, message);
    onChange();
  }

  /** See `Server.reportFault()`. */
  async reportFault(feature: string, privilege: string, fault: unknown): Promise<void> {
    if (!(fault instanceof ServerFault) || fault.kind !== 'privilege') return;
    if (this.#missing.get(feature)?.message === fault.message) return;
    const { server, user } = this.#options;
    const [row] = await server
      .query<{ account: string }>('SELECT CURRENT_USER() AS account', [], { lane: 'status' })
      .catch(() => []);
    const account = row ? quoteAccount(row.account) : `'${user}'@'…'`;
    this.report(feature, `GRANT ${privilege} TO ${account}`, fault.message);
  }

  clear(feature: string): void {
    const { server, log, onChange } = this.#options;
    if (!this.#missing.delete(feature)) return;
    log.info({ server: server.name, feature }, 'privilege is there now');
    onChange();
  }
}
