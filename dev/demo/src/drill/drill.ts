import { setTimeout as pause } from 'node:timers/promises';
import type { SteppedClock } from '@lockstep/servers';
import { patienceMs } from '@lockstep/servers/patience';
import { type DrillServers, onCall, pairName } from './drill-config.ts';
import type { MailServer } from './mail-server.ts';

export const tables = 60;
const hour = 3600;

export interface DrillStage extends DrillServers {
  address: string;
  /** Of Lockstep alone. */
  clock: SteppedClock;
  mail: MailServer;
  say: (line: string) => void;
}

interface Seen {
  at: string;
  severity: string;
  evidence: string;
}

export interface StoryAlert {
  rule: string;
  table: string | null;
  state: string;
  severity: string;
  first: Seen | null;
  worst: Seen | null;
  last: Seen | null;
  startedAt: string;
  resolvedAt: string | null;
  silencedBy: string[];
  acknowledged: { by: string; note: string } | null;
  deliveries: { destination: string; told: string; state: string; at: string }[];
}

/** What was seen on the way, and what history says in the morning. */
export interface Story {
  /** Who was told of the broken replica while its upgrade was announced. */
  toldDuringMaintenance: StoryAlert['deliveries'];
  /** All that the mail server got, by chapter; the last goes on until the morning. */
  mails: Record<'afterwards' | 'mended' | 'differing', MailServer['received']>;
  /** In the morning. */
  alerts: StoryAlert[];
  silences: {
    id: string;
    by: string | null;
    note: string;
    state: string;
    matcher: { table: string | null };
  }[];
  events: { kind: string; message: string; at: string }[];
  /** Who did what, the latest first, as the audit log has it. */
  deeds: Deed[];
}

export interface Deed {
  who: string | null;
  action: string;
  subject: string;
  outcome: string;
}

export async function prepareLedger({ source }: DrillServers): Promise<void> {
  await source.query('CREATE DATABASE ledger');
  for (let i = 1; i <= tables; i++) {
    await source.query(`CREATE TABLE ledger.${tableOf(i)} (id INT PRIMARY KEY, amount INT)`);
    await source.query(`INSERT INTO ledger.${tableOf(i)} VALUES (1, 10), (2, 20)`);
  }
}

/** An evening, a night and a morning of whoever is on call. */
export async function drill(stage: DrillStage): Promise<Story> {
  const { source, replica, clock, mail, say } = stage;
  const ask = asking(stage.address);
  const mails = (from: number) => mail.received.slice(from);

  await until('the pair is in sync', async () => (await ask.pair()).state === 'IN_SYNC');
  say('The upgrade of the replica is announced, and the replica breaks in the middle of it');
  await alone(replica, 'INSERT INTO ledger.t01 VALUES (3, 99)');
  await source.query('INSERT INTO ledger.t01 VALUES (3, 30)');
  const broken = await until('the alert fires', async () =>
    (await ask.alerts('FIRING')).find(({ rule }) => rule === 'replication-broken'),
  );
  const toldDuringMaintenance = [...broken.deliveries, ...mails(0)] as Story['toldDuringMaintenance'];
  say(`Nobody is told: ${broken.first?.evidence}`);

  await clock.stepTo(hour + 60);
  await until('a mail', () => mail.received.length > 0);
  say(`The upgrade should be over by now, and it is still broken. Mail: "${mail.received[0]?.subject}"`);
  const afterwards = mails(0);

  await alone(replica, 'DELETE FROM ledger.t01 WHERE id = 3');
  await ask.acknowledge(broken.id, 'on it');
  await replica.query(replica.flavour === 'mysql' ? 'START REPLICA' : 'START SLAVE');
  await until('a mail that it is over', () => mail.received.length > afterwards.length);
  say(`${onCall.name} mends it. Mail: "${mail.received.at(-1)?.subject}"`);
  const mended = mails(afterwards.length);
  const before = mail.received.length;

  for (let i = 1; i <= tables; i++) {
    await alone(replica, `UPDATE ledger.${tableOf(i)} SET amount = 11 WHERE id = 1`);
  }
  await ask.startRun();
  await until(
    `${tables} alerts`,
    async () =>
      (await ask.alerts('FIRING')).filter(({ rule }) => rule === 'table-different').length === tables,
  );
  await until('a mail about the tables', () => mail.received.length > before);
  say(`${tables} tables differ. Mail: "${mail.received.at(-1)?.subject}"`);

  await ask.silence('ledger.t*', 'wrong import, mended in the morning');
  await until('all are silenced', async () =>
    (await ask.alerts('FIRING')).every(({ silencedBy }) => silencedBy.length === 1),
  );
  say(`${onCall.name} silences ledger.t* until tomorrow noon, and goes to sleep`);

  await clock.stepTo(10 * hour);
  const morning = Date.parse(broken.startedAt) + 9 * hour * 1000;
  await until('the morning', async () => (await ask.now()) > morning);
  const story = await ask.history();
  const night = mails(before + 1).map(({ subject }) => subject);
  say(
    `The next morning ${night.length === 0 ? 'nobody was woken' : `there is more mail: ${night.join('; ')}`}`,
  );
  return {
    toldDuringMaintenance,
    mails: { afterwards, mended, differing: mails(before) },
    ...story,
  };
}

const tableOf = (i: number) => `t${String(i).padStart(2, '0')}`;

/** On this server only, as no replication knows of. */
async function alone(server: DrillServers['replica'], sql: string): Promise<void> {
  const connection = await server.connect();
  try {
    await connection.query('SET sql_log_bin = 0');
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

/** What it answers once it answers something; rejects when that does not come. */
async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined | false> | Found | undefined | false,
): Promise<Found> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(100);
  }
}

const alertFields = `id rule table state severity startedAt resolvedAt silencedBy acknowledged { by note }
  first { at severity evidence } worst { at severity evidence } last { at severity evidence }
  deliveries { destination told state at }`;

/** What whoever is on call does on the page. */
function asking(address: string) {
  async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
    const response = await fetch(`${address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${onCall.token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
    if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
    return data;
  }
  const pair = pairName;
  /** By Lockstep's clock. */
  const now = async () => {
    const query = 'query ($pair: String!) { pair(name: $pair) { lag { at } } }';
    return Date.parse((await ask<{ pair: { lag: { at: string } } }>(query, { pair })).pair.lag.at);
  };
  type Listed = StoryAlert & { id: string };
  return {
    pair: async () => {
      const query = 'query ($pair: String!) { pair(name: $pair) { state } }';
      return (await ask<{ pair: { state: string } }>(query, { pair })).pair;
    },
    alerts: async (state: string) => {
      const query = `query ($state: AlertState!) { alerts(states: [$state], first: 100) { nodes { ${alertFields} } } }`;
      return (await ask<{ alerts: { nodes: Listed[] } }>(query, { state })).alerts.nodes;
    },
    acknowledge: (id: string, note: string) =>
      ask('mutation ($id: ID!, $note: String!) { acknowledgeAlert(id: $id, note: $note) { __typename } }', {
        id,
        note,
      }),
    startRun: () =>
      ask('mutation ($pair: String!) { startRun(pair: $pair, check: CHECKSUM) { __typename } }', { pair }),
    silence: async (table: string, note: string) => {
      const until = new Date((await now()) + 14 * hour * 1000).toISOString();
      await ask(
        `mutation ($matcher: AlertMatcherInput!, $until: DateTime!, $note: String!) {
          createSilence(matcher: $matcher, until: $until, note: $note) { ... on RequestError { message } }
        }`,
        { matcher: { table }, until, note },
      );
    },
    now,
    history: async () => {
      const day = 86_400_000;
      const from = new Date(Date.now() - day).toISOString();
      const query = `query ($pair: String!, $from: DateTime!, $to: DateTime!) {
        alerts(first: 100) { nodes { ${alertFields} } }
        silences { id by note state matcher { table } }
        pair(name: $pair) { events(from: $from, to: $to) { kind message at } }
        audit { ... on Audit { entries { nodes { who action subject outcome } } } }
      }`;
      const to = new Date(Date.now() + day).toISOString();
      const {
        alerts,
        silences,
        pair: shown,
        audit,
      } = await ask<{
        alerts: { nodes: StoryAlert[] };
        silences: Story['silences'];
        pair: { events: Story['events'] };
        audit: { entries: { nodes: Deed[] } };
      }>(query, { pair, from, to });
      return { alerts: alerts.nodes, silences, events: shown.events, deeds: audit.entries.nodes };
    },
  };
}
