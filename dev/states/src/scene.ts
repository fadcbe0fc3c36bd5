import type { AuditEntry } from '@lockstep/checks';
import type { HttpConfig } from 'lockstep/src/config/loaded.ts';
import type { SceneEngine } from './scene-engine.ts';
import type { SceneNotifications } from './scene-notifications.ts';

/** What the page's connection pill can say; of a page that shows no pill, nothing is waited for. */
export type PillState = 'live' | 'reconnecting' | 'offline' | null;

export interface Screen {
  /** Where on the page, e.g. `/pairs/shop?tab=runs`. */
  path: string;
  /** A screenshot is taken when the pill says so; `live` without it. */
  when?: PillState;
  /** Of a list without end, what fits on a screen is enough. */
  firstViewOnly?: boolean;
}

/** Something a person may find the page in, with all that it is made of. */
export interface Scene {
  /** One sentence: what is to be seen here. */
  shows: string;
  /** By name; each is worth a screenshot. */
  screens: Record<string, Screen>;
  /** Puts into the empty engine what is so. */
  fill: (engine: SceneEngine, notifications: SceneNotifications) => void;
  /** Who did what, before. */
  audit?: () => AuditEntry[];
  /** Nobody is asked who they are without it. */
  auth?: HttpConfig['auth'];
  /**
   * What is wrong between page and service: `cut`, some seconds after the page was opened, until it is opened again;
   * `dead`, from the start: the page comes and nothing else.
   */
  link?: 'cut' | 'dead';
}
