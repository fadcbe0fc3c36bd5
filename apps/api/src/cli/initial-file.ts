import {
  addressOf,
  assumedFacts,
  type FoundServer,
  type FoundTopology,
  type PairConfig,
} from '@lockstep/checks';
import { printable } from '../printable.ts';
import { accountStatements, broughtToMembers, comesByItself, quotedAccount } from './account-statements.ts';
import { namesFor } from './server-names.ts';

export interface InitialFileOptions {
  /** Lockstep's own account, to be made. */
  account: string;
  tls: boolean;
  /** With the defaults of a pair: which tables, for the grants. */
  pair: PairConfig;
}

/** A configuration for all that was found, with what is left to do as comments. */
export function initialFile(found: FoundTopology, { account, tls, pair }: InitialFileOptions): string {
  const names = namesFor(found.servers);
  const name = (server: FoundServer) => names.get(server) ?? addressOf(server);
  // What a server says of others is text, and no variable: "${DB_PASSWORD}.example.com" would be looked up.
  const quoted = (text: string) => printable(JSON.stringify(text)).replaceAll('${', () => '$${');
  const comment = (text: string) => `# ${printable(text)}`;
  const used = found.servers.filter((each) =>
    found.links.some((link) => [link.source, link.target].includes(each)),
  );

  const server = (each: FoundServer): string[] => {
    const { host, port, socket, facts, fault } = each;
    const about = facts
      ? `${facts.flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${facts.versionText}`
      : `It could not be asked: ${fault}`;
    return [
      `  ${comment(about)}`,
      `  ${quoted(name(each))}:`,
      ...(socket == null
        ? [`    host: ${quoted(host)}`, `    port: ${port}`]
        : [`    socket: ${quoted(socket)}`]),
      `    user: ${quoted(account)}`,
      `    password: \${DB_PASSWORD}`,
      ...(tls ? ['    tls: true'] : []),
    ];
  };
  const pairs = found.links.flatMap(({ source, target, channel }) => [
    `  - source: ${quoted(name(source))}`,
    `    target: ${quoted(name(target))}`,
    ...(target.channels.length > 1 ? [`    channel: ${quoted(channel)}`] : []),
  ]);
  const grants = (each: FoundServer): string[] => {
    const facts = each.facts ?? assumedFacts[found.servers[0]?.facts?.flavour ?? 'mysql'];
    const isReplica = found.links.some(({ target }) => target === each);
    const statements = accountStatements({
      facts,
      pairs: [pair],
      account: quotedAccount(account, '%'),
      isReplica,
    });
    const { cluster } = each.facts ?? {};
    const about = cluster ? broughtToMembers[cluster] : isReplica ? comesByItself : null;
    const on = [`on ${name(each)}`, ...(about === null ? [] : [about])].join('; ');
    return ['#', comment(`${on}:`), ...statements.map(comment)];
  };
  return `${[
    '# Written by "lockstep init". config.example.yaml shows every other setting.',
    '#',
    '# What is left to do:',
    '# 1. Choose a password, and have it as DB_PASSWORD in the environment (or name files: "passwordFile: FILE").',
    `# 2. Make the account ${printable(account)} on each server, by the statements at the end of this file. Made on a source, it`,
    '#    comes to its replicas by itself. "lockstep grants" prints them too, and narrower ones where you narrow "tables" down.',
    '# 3. lockstep doctor, and then lockstep serve.',
    ...found.notes.map((note) => comment(`Not found out: ${note}`)),
    '',
    'servers:',
    ...used.flatMap(server),
    '',
    'pairs:',
    ...pairs,
    '',
    '#defaults:',
    '#  tables: [shop.*, crm.*] # without it, all that the account may see',
    '',
    '# The grants to run. An account narrower than @% is better: see --from of "lockstep grants".',
    ...used.flatMap(grants),
  ].join('\n')}\n`;
}
