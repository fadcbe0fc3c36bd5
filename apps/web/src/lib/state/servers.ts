import type { Server } from '#lib/api/documents/servers.ts';
import type { StateWord } from './tone.ts';

const words: Record<Server['connection'], StateWord> = {
  CONNECTED: { tone: 'ok', word: 'connected' },
  CONNECTING: { tone: 'busy', word: 'connecting' },
  DISCONNECTED: { tone: 'stopped', word: 'disconnected' },
};

export function connectionWord(server: Pick<Server, 'connection'>): StateWord {
  return words[server.connection];
}
