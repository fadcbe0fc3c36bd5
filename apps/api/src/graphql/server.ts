import {
  addressOf,
  type ConnectionState,
  type Flavour,
  type MissingPrivilege,
  type ServerState,
} from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import { namedNode, Node } from './node.ts';
import type { PricedBy } from './price.ts';

const ConnectionStateType = describedEnum<ConnectionState>(
  'ConnectionState',
  'Whether Lockstep can talk to a server.',
  {
    connecting: 'Not connected yet, or again: the configured attempts are under way.',
    connected: 'Statements are answered.',
    disconnected: 'The attempts were used up; quiet attempts go on for ever.',
  },
);

const FlavourType = describedEnum<Flavour>('Flavour', 'The family that a server belongs to.', {
  mysql: 'MySQL, and servers that call themselves so (Percona Server).',
  mariadb: 'MariaDB.',
});

const MissingPrivilegeType = builder.objectRef<MissingPrivilege>('MissingPrivilege').implement({
  description: 'A privilege that the account of Lockstep has not, and what it takes to mend that.',
  fields: (t) => ({
    feature: t.exposeString('feature', { description: 'What cannot be done without it.' }),
    grant: t.exposeString('grant', { description: 'The GRANT statement that mends it, ready to run.' }),
    message: t.exposeString('message', { description: "The server's own words." }),
  }),
});

const serverId = namedNode('Server', ([name = ''], { engine }) => engine.server(name));

export const Server = builder.objectRef<ServerState>('Server').implement({
  interfaces: [Node],
  description: 'One MySQL or MariaDB instance that Lockstep connects to.',
  fields: (t) => ({
    id: t.id({
      description: 'Names it among everything that there is, for `Query.node`: made of what it is called.',
      resolve: ({ name }) => serverId(name),
    }),
    name: t.exposeString('name', { description: 'Its name under `servers` in the configuration.' }),
    host: t.exposeString('host', { description: 'Where it is reached.' }),
    port: t.exposeInt('port', { description: 'Where it is reached.' }),
    address: t.string({
      description: 'Host and port, or the path of a unix socket: the way to it, for a person.',
      resolve: (server) => addressOf(server),
    }),
    connection: t.expose('connection', {
      type: ConnectionStateType,
      description: 'Whether Lockstep can talk to it.',
    }),
    evidence: t.exposeString('evidence', {
      description: 'The sentence that explains `connection`, with the words of the server or the network.',
    }),
    since: t.expose('since', { type: 'DateTime', description: 'When `connection` last changed.' }),
    lastContact: t.expose('lastContact', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last answered any statement; null if it never did.',
    }),
    attempts: t.exposeInt('attempts', {
      description: 'Attempts since the connection was lost; 0 while connected.',
    }),
    flavour: t.expose('flavour', {
      type: FlavourType,
      nullable: true,
      description: 'Null until first connected.',
    }),
    version: t.exposeString('version', {
      nullable: true,
      description: 'As the server prints it, e.g. `10.11.19-MariaDB-log`; null until first connected.',
    }),
    identity: t.exposeString('identity', {
      nullable: true,
      description:
        '`server_uuid` on MySQL; `server_id`, host, port and data directory on MariaDB. When it changes, this is another server. Null until first connected.',
    }),
    runningSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was started, by its own clock, to about a second; null while that is not known.',
      resolve: ({ runningSince }) => runningSince ?? null,
    }),
    readOnly: t.exposeBoolean('readOnly', {
      nullable: true,
      description: 'Whether the server refuses writes of ordinary users; null when not known.',
    }),
    missingPrivileges: t.field({
      type: [MissingPrivilegeType],
      description: 'Privileges that are missing. Each degrades one thing; everything else works.',
      extensions: { usual: 2 },
      resolve: (server) => server.missingPrivileges,
    }),
  }),
});

builder.queryField('servers', (t) =>
  t.field({
    type: [Server],
    description: 'Every configured server.',
    extensions: { length: ({ engine }: PricedBy) => engine.servers().length },
    resolve: (_root, _args, { engine }) => engine.servers(),
  }),
);

builder.subscriptionField('servers', (t) =>
  t.field({
    type: Server,
    description: 'Every server as it is now, then each change of a connection.',
    subscribe: (_root, _args, context) => follow(context, 'server', { pair: null }),
    resolve: (server) => server,
  }),
);
