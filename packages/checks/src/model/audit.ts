/** How people showed who they are. `program`: the machine's signal; `none`: nobody was asked, or it was not shown. */
export type AuditWay = 'token' | 'proxy' | 'oidc' | 'program' | 'none';

/** What somebody did, or was kept from. It holds no secret. */
export interface AuditEntry {
  id: string;
  at: Date;
  /** Null where that was not shown, as where a sign-in was refused. */
  who: string | null;
  role: 'viewer' | 'operator' | null;
  way: AuditWay;
  /** An IP address; null where it came over no network. */
  address: string | null;
  /** The name of the mutation, `signIn` or `signOut`. */
  action: string;
  /** To what, in words; may be empty. */
  subject: string;
  /** `failed`: nobody expected it, and the log has why. */
  outcome: 'done' | 'refused' | 'failed';
  /** Why it was not done. */
  message: string | null;
  /** What was refused again and again is one entry, and so is who signed in or out again and again. */
  times: number;
}
