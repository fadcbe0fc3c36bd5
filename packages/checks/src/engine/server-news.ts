import type { PairEventKind } from '../model/pair.ts';
import type { KnownServer, ServerState } from '../model/server.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import { namesFold } from '../server/names-fold.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { sideOf } from '../verify/run/basis.ts';
import type { Chronicle } from './chronicle.ts';
import type { PairBoard } from './pair-board.ts';
import type { PairBoards } from './pair-boards.ts';
import { serverChanges } from './what-changed.ts';

export interface ServerNewsOptions {
  boards: PairBoards;
  servers: ConnectionManager;
  storage: MetricsStorage;
  chronicle: Chronicle;
  /** What earlier processes found of them. */
  known: ReadonlyMap<string, KnownServer>;
  /** There is something to be judged soon. */
  onNews: () => void;
}

/** What becomes of servers: told in the time lines of their pairs, and remembered over restarts. */
export class ServerNews {
  readonly #options: ServerNewsOptions;
  readonly #told = new Map<string, ServerState>();
  /** Of those, too, that did not answer this process yet. */
  readonly #known: Map<string, KnownServer>;

  constructor(options: ServerNewsOptions) {
    this.#options = options;
    this.#known = new Map(options.known);
  }

  changed(state: ServerState): void {
    const { boards, chronicle, onNews } = this.#options;
    chronicle.server(state);
    const before = this.#told.get(state.name);
    const changes = serverChanges(before, state);
    // What is not known for a moment, while a connection is made anew, may have changed meanwhile.
    this.#told.set(state.name, {
      ...state,
      readOnly: state.readOnly ?? before?.readOnly ?? null,
      clockAheadMs: state.clockAheadMs ?? before?.clockAheadMs ?? null,
    });
    const { name, identity, replaced, copied } = state;
    const known = before?.identity === identity && before?.replaced === replaced && before?.copied === copied;
    if (identity !== null && !known) this.remember(name, { identity, replaced, ...(copied && { copied }) });
    for (const board of boards.of([name])) {
      for (const { kind, message } of changes) chronicle.happened(board.config.name, kind, message);
      if (!known) this.tellSides(board);
    }
    if (changes.length > 0) onNews();
  }

  /** To members of a cluster: in the time lines of all their pairs. */
  happened(servers: string[], message: string, kind: PairEventKind): void {
    const { boards, chronicle, onNews } = this.#options;
    for (const { config } of boards.of(servers)) chronicle.happened(config.name, kind, message);
    onNews();
  }

  remember(name: string, part: Partial<KnownServer>): void {
    const { storage } = this.#options;
    // The history may have been opened since this process began.
    const known = this.#known.get(name) ?? storage.knownServers().get(name);
    // One that is configured no more was known before, or nothing is kept of it.
    const before = known ?? this.#seen(name);
    if (!before) return;
    const now = { ...before, ...part };
    this.#known.set(name, now);
    storage.recordServer(name, now);
  }

  /** By their names. What is still to be written of one is newer than what is kept. */
  known(): Map<string, KnownServer> {
    return new Map([...this.#options.storage.knownServers(), ...this.#known]);
  }

  #seen(name: string): KnownServer | null {
    const { identity, replaced } = this.#options.servers.get(name).state;
    return identity === null ? null : { identity, replaced };
  }

  /** Whatever is told of these from now on is news: they are other servers. */
  forget(names: readonly string[]): void {
    for (const name of names) this.#told.delete(name);
  }

  /** Tells the pair which servers its sides are now. */
  tellSides(board: PairBoard): void {
    const { servers, chronicle } = this.#options;
    const { config, tables } = board;
    const [source, target] = [servers.get(config.source), servers.get(config.target)];
    board.namesFold = namesFold(source, target);
    const changed = tables.setSides({ source: sideOf(source), target: sideOf(target) });
    if (changed.length === 0) return;
    chronicle.known(changed);
    chronicle.pairSoon(board);
  }
}
