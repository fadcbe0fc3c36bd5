import type { ConnectionConfig, ServerConfig } from '../config.ts';
import { channelStatusFrom } from '../lag/channel-status.ts';
import type { Logger } from '../log.ts';
import type { ChannelStatus } from '../model/replication.ts';
import { replicaStatusStatement } from '../position/file-row.ts';
import { addressOf } from '../server/address.ts';
import { areTwo } from '../server/instance.ts';
import { hurried, reachAll } from '../server/reach.ts';
import { Server } from '../server/server.ts';
import { type ServerFacts, ServerFault } from '../server/sql-server.ts';
import { Turns } from '../verify/run/turns.ts';
import { type Downstream, readDownstream } from './downstream.ts';

export interface CrawlOptions {
  /** Where to begin, and the account that is tried on every server. */
  first: ServerConfig;
  connection: ConnectionConfig;
  log: Logger;
  signal: AbortSignal;
}

export interface FoundServer {
  host: string;
  port: number;
  socket?: string | null;
  /** Null for one that could not be asked. */
  facts: ServerFacts | null;
  /** Why it could not be; null when it could. */
  fault: string | null;
  /** The replication channels into it. */
  channels: ChannelStatus[];
}

/** `target` replicates from `source`. */
export interface FoundLink {
  source: FoundServer;
  target: FoundServer;
  /** '' is the default channel. */
  channel: string;
}

export interface FoundTopology {
  /** In the order in which they were found. */
  servers: FoundServer[];
  links: FoundLink[];
  /** What could not be found out, in sentences. */
  notes: string[];
}

/** More than anybody has in one topology: who leads on to ever others is not followed for ever. */
const maxServers = 500;
/** Addresses that are looked at, at most: a server may name others by the thousand, … */
const maxAddresses = 2 * maxServers;
/** … and at the same time. */
const atOnce = 32;
const connectTimeoutMs = 3_000;

/**
 * Goes from one server to all that replicate from it and that it replicates from, and on. A server is known by what it
 * says of itself, not by its address: report_host and a channel's host may be wrong, private or a proxy's, and in a
 * ring the way comes back to where it began.
 */
export async function crawl(options: CrawlOptions): Promise<FoundTopology> {
  const walk = new Crawl(options);
  await walk.visit(options.first);
  return walk.found();
}

type Place = Pick<ServerConfig, 'host' | 'port' | 'socket'>;

class Crawl {
  readonly #options: CrawlOptions;
  readonly #visits = new Map<string, Promise<FoundServer>>();
  readonly #servers: FoundServer[] = [];
  readonly #links: FoundLink[] = [];
  readonly #notes = new Set<string>();
  readonly #downstream = new Map<FoundServer, Downstream[]>();
  /** Do not tell what they replicate from. */
  readonly #mute = new Set<FoundServer>();
  readonly #turns = new Turns(atOnce);

  constructor(options: CrawlOptions) {
    this.#options = options;
  }

  found(): FoundTopology {
    return { servers: this.#servers, links: this.#links, notes: [...this.#notes] };
  }

  /** Each address once; resolves when all that it leads to is found. */
  async visit(place: Place): Promise<void> {
    let around: FoundServer[] = [];
    await this.#ask(place, around);
    // Wave by wave: the servers of one wave are asked at the same time.
    while (around.length > 0 && this.#servers.length < maxServers) {
      const next: FoundServer[] = [];
      await Promise.all(around.map((server) => this.#goOnFrom(server, next)));
      around = next;
    }
  }

  async #goOnFrom(server: FoundServer, next: FoundServer[]): Promise<void> {
    const upstream = server.channels.map(async (channel) => {
      const source = await this.#sourceOf(channel, server, next);
      if (source) this.#link(source, server, channel.name);
    });
    const down = (this.#downstream.get(server) ?? []).map((each) => this.#findReplica(server, each, next));
    await Promise.all([...upstream, ...down]);
  }

  /** A replica says where it is, or not, or wrongly; where its connection comes from is tried as well. */
  async #findReplica(source: FoundServer, replica: Downstream, next: FoundServer[]): Promise<void> {
    const isNamedSo = ({ facts }: FoundServer) =>
      facts !== null &&
      (replica.uuid === null ? facts.serverId === replica.serverId : facts.uuid === replica.uuid);
    // A server_id may be given twice, and one of the two reads from elsewhere.
    const isIt = (found: FoundServer) =>
      isNamedSo(found) && (replica.uuid !== null || this.#mayReadFrom(source, found));
    if (this.#servers.some(isIt)) return;
    const tried: FoundServer[] = [];
    for (const host of replica.hosts) {
      const place = { host: isLocal(host) ? source.host : host, port: replica.port };
      const found = await this.#ask(place, next, isIt);
      if (!found || isIt(found)) return;
      tried.push(found);
    }
    const refused = tried.find(({ facts }) => facts === null);
    if (refused) {
      if (!this.#servers.includes(refused)) this.#servers.push(refused);
      this.#link(source, refused, '');
      return;
    }
    const places =
      replica.hosts.map((host) => `${host}:${replica.port}`).join(', ') || 'nowhere: it does not say where';
    const other = this.#servers.find(isNamedSo);
    const too = other ? `, which ${addressOf(other)} has, too,` : '';
    this.#notes.add(
      `${addressOf(source)} has a replica with server_id ${replica.serverId}${too} that was not found (looked at ${places}); name it yourself, or set its report_host and report_port`,
    );
  }

  #mayReadFrom(source: FoundServer, found: FoundServer): boolean {
    const { serverId } = source.facts ?? {};
    return this.#mute.has(found) || found.channels.some(({ sourceIdentity }) => sourceIdentity === serverId);
  }

  /** Its address may lead nowhere from here; but a uuid that is known may be another's, too, who was copied from it. */
  async #sourceOf(
    channel: ChannelStatus,
    replica: FoundServer,
    next: FoundServer[],
  ): Promise<FoundServer | null> {
    const isIt = ({ facts }: FoundServer) =>
      facts !== null && facts.uuid !== '' && facts.uuid === channel.sourceIdentity;
    const known = this.#servers.find(isIt);
    const there = await this.#ask(placeOf(channel, replica), next, known && isIt);
    return known && !(there && isIt(there)) ? known : there;
  }

  #link(source: FoundServer, target: FoundServer, channel: string): void {
    const same = (link: FoundLink) => link.source === source && link.target === target;
    if (!this.#links.some((link) => same(link) && link.channel === channel)) {
      this.#links.push({ source, target, channel });
    }
  }

  /** `wanted`: another server at this address is none of the topology. Null where it is not looked at any more. */
  async #ask(
    place: Place,
    next: FoundServer[],
    wanted?: (found: FoundServer) => boolean,
  ): Promise<FoundServer | null> {
    const address = addressOf(place);
    let visit = this.#visits.get(address);
    if (!visit && this.#visits.size >= maxAddresses) {
      this.#notes.add(
        `more than ${maxAddresses} addresses are named, and no further ones were looked at: there may be servers that are missing here`,
      );
      return null;
    }
    if (!visit) this.#visits.set(address, (visit = this.#askOnce(place)));
    const found = await visit;
    if (wanted && !wanted(found)) return found;
    const { facts } = found;
    const before = this.#servers.find((each) => each === found || isOne(each.facts, facts));
    if (before) return before;
    this.#servers.push(found);
    next.push(found);
    return found;
  }

  async #askOnce(place: Place): Promise<FoundServer> {
    const { first, log, signal } = this.#options;
    const connection = { ...hurried(this.#options.connection), attempts: 1, connectTimeoutMs };
    const { host, port, socket = null } = place;
    const config = { ...first, name: addressOf(place), host, port, socket };
    const server = new Server({ config, connection, log, onChange: () => undefined });
    const way = { host, port, ...(socket !== null && { socket }) };
    await this.#turns.enter();
    try {
      server.start();
      await reachAll([server], connection, signal);
      const { facts } = server;
      if (!server.connected || !facts) {
        return { ...way, facts: null, fault: server.lastFault ?? server.evidence, channels: [] };
      }
      const status = replicaStatusStatement(facts);
      const channels = await this.#read(server, 'what it replicates from', async () =>
        (await server.query(status, [], { lane: 'status' })).map(channelStatusFrom),
      );
      const found = { ...way, facts, fault: null, channels: channels ?? [] };
      if (!channels) this.#mute.add(found);
      const replicas = await this.#read(server, 'its replicas', () => readDownstream(server));
      this.#downstream.set(found, replicas ?? []);
      return found;
    } finally {
      await server.stop();
      this.#turns.leave();
    }
  }

  async #read<T>(server: Server, what: string, work: () => Promise<T[]>): Promise<T[] | null> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServerFault)) throw error;
      this.#notes.add(`${server.name} does not tell ${what}: ${error.reason}`);
      return null;
    }
  }
}

/** Two may have one uuid, or one server_id and the usual port and folder: their hosts then tell them apart. */
function isOne(one: ServerFacts | null, other: ServerFacts | null): boolean {
  if (!one || !other || one.identity !== other.identity) return false;
  return !areTwo(one.instance, other.instance);
}

/** From the replica's machine `localhost` is the replica's. */
function placeOf({ sourceHost, sourcePort }: ChannelStatus, replica: FoundServer): Place {
  return { host: isLocal(sourceHost) ? replica.host : sourceHost, port: sourcePort };
}

const isLocal = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);
