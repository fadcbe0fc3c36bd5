import type { Client } from '@urql/core';
import { createContext } from 'svelte';
import type { Fleet } from './fleet.svelte.ts';
import type { Link } from './link.svelte.ts';
import type { Session } from './session.svelte.ts';

export interface Live {
  api: Client;
  link: Link;
  fleet: Fleet;
  session: Session;
}

/** What every screen works with; set once by the shell. */
export const [useLive, setLive] = createContext<Live>();
