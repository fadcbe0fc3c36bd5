import type { ServerResponse } from 'node:http';
import type { Caller } from '../auth/authenticator.ts';
import type { Share } from '../guard/memory.ts';

/** Who asks, and by what their share of everything is counted. */
export interface Asking {
  caller: Caller;
  client: string;
  address: string | null;
  /** What is answered on, where that is an HTTP answer of its own. */
  answer?: ServerResponse | undefined;
  /** Called when much was handed to what is answered on. */
  onFed?: (() => void) | undefined;
  /** Of the memory that there is for all, where it is counted for this very question. */
  share?: Share | undefined;
}
