import type { GroupMember, GroupState, GroupStateName, MemberStateName } from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { about } from './audited.ts';
import { builder } from './builder.ts';
import { serverNamed } from './context.ts';
import { describedEnum } from './described-enum.ts';
import { findable, Node } from './node.ts';
import type { PricedBy } from './price.ts';
import { attempt, resultOf } from './request-error.ts';
import { Server } from './server.ts';

const MemberStateType = describedEnum<MemberStateName>(
  'MemberState',
  'How a server takes part in its cluster, by its own word and that of the others.',
  {
    'in-group': 'It takes part, and another member has the same view of the cluster.',
    donor: 'It serves a state transfer, or is desynced on purpose: flow control does not wait for it.',
    joining: 'It is joining, and catches up.',
    'no-quorum': 'It is cut off from the majority, whatever it says itself.',
    'not-in-group': 'It left, was expelled, or ended with an error.',
    unknown: 'It cannot be told; the evidence says why.',
  },
);

const GroupStateType = describedEnum<GroupStateName>('GroupStateName', 'How a cluster is, in one word.', {
  whole: 'It has as many members as it ever had.',
  degraded: 'It has fewer members than it had, before a restart of Lockstep, too.',
  split: 'Its members are not one cluster.',
  unknown: 'It cannot be told; the evidence says why.',
});

const GroupKindType = describedEnum<GroupState['kind']>('GroupKind', 'What makes a cluster of servers.', {
  galera: 'Galera, of MariaDB or Percona XtraDB Cluster.',
  'group-replication': "MySQL's Group Replication.",
});

const MemberRoleType = describedEnum<NonNullable<GroupMember['role']>>(
  'MemberRole',
  'What a member may do.',
  {
    primary: 'It takes writes.',
    secondary: 'It refuses writes of others than its group.',
  },
);

const GroupMemberType = builder.objectRef<GroupMember>('GroupMember').implement({
  description: 'A watched member of a cluster.',
  fields: (t) => ({
    server: t.field({
      type: Server,
      description: 'The server that it is.',
      resolve: ({ server }, _args, context) => serverNamed(context, server),
    }),
    state: t.expose('state', { type: MemberStateType, description: 'How it takes part, in one word.' }),
    evidence: t.exposeString('evidence', { description: 'The sentence that explains `state`.' }),
    since: t.expose('since', { type: 'DateTime', description: 'When `state` last changed.' }),
    role: t.expose('role', {
      type: MemberRoleType,
      nullable: true,
      description: 'Of Group Replication, where it may be read; null else.',
    }),
    view: t.exposeString('view', { nullable: true, description: 'The view that it has, as it prints it.' }),
    viewSize: t.exposeInt('viewSize', { nullable: true, description: 'How many members that view has.' }),
    lagMs: t.exposeFloat('lagMs', {
      nullable: true,
      description:
        'How old the oldest change is that another watched member has and it has not, at least, in milliseconds; 0 for none; null while unknown.',
    }),
    behind: t.exposeFloat('behind', {
      nullable: true,
      description: 'How many such changes there are; null while unknown.',
    }),
    queue: t.exposeFloat('queue', {
      nullable: true,
      description: 'Changes that it has received and not applied; null while unknown.',
    }),
    flowControl: t.exposeFloat('flowControl', {
      nullable: true,
      description:
        'The share of the last seconds, 0 to 1, for which flow control held it back; null where that is not told.',
    }),
    holdsBack: t.exposeBoolean('holdsBack', { description: 'It is the one that the others wait for.' }),
  }),
});

const GroupType = builder.objectRef<GroupState>('Group').implement({
  interfaces: [Node],
  description: 'A cluster that watched servers are members of.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names it among all clusters.' }),
    kind: t.expose('kind', { type: GroupKindType, description: 'What makes a cluster of them.' }),
    name: t.exposeString('name', { description: "`wsrep_cluster_name`, or the group's name." }),
    state: t.expose('state', { type: GroupStateType, description: 'How it is, in one word.' }),
    evidence: t.exposeString('evidence', { description: 'The sentence that explains `state`.' }),
    since: t.expose('since', { type: 'DateTime', description: 'When `state` last changed.' }),
    size: t.exposeInt('size', {
      nullable: true,
      description: 'How many members it has; null while unknown.',
    }),
    largest: t.exposeInt('largest', {
      nullable: true,
      description: 'The most that it was seen to have, or was accepted to have.',
    }),
    primary: t.exposeString('primary', {
      nullable: true,
      description: 'The server that is its only primary; null where there are several, or none is known.',
    }),
    unwatched: t.exposeStringList('unwatched', {
      description: 'Addresses of members that are not watched, whose changes only the others tell of.',
      extensions: { usual: 3 },
    }),
    members: t.field({
      type: [GroupMemberType],
      description: 'The watched members, in the order of the configuration.',
      extensions: { usual: 3 },
      resolve: ({ members }) => members,
    }),
  }),
});

findable('Group', (id, { engine }) => engine.groups().find((group) => group.id === id) ?? null);

const GroupResult = resultOf('GroupResult', 'The cluster as it is now, or why nothing was done.', GroupType);

builder.mutationField('acceptGroupSize', (t) =>
  t.field({
    type: GroupResult,
    extensions: about<{ id: string; size: number }, GroupState>(
      ({ id, size }, group) => `${group?.name ?? id}, ${size} members`,
    ),
    description: 'Says that a cluster that lost members is meant to be as it is now, also after a restart.',
    args: {
      id: t.arg.id({ required: true, description: 'Which cluster.' }),
      size: t.arg.int({
        required: true,
        description: 'How many members it was seen to have: another number is refused.',
      }),
    },
    resolve: (_root, { id, size }, context) =>
      attempt(context, (by) => context.engine.acceptGroupSize(id, size, by)),
  }),
);

builder.queryField('groups', (t) =>
  t.field({
    type: [GroupType],
    description: 'Every cluster that watched servers are members of.',
    extensions: { length: ({ engine }: PricedBy) => engine.groups().length },
    resolve: (_root, _args, { engine }) => engine.groups(),
  }),
);

builder.subscriptionField('groups', (t) =>
  t.field({
    type: GroupType,
    description: 'Every cluster as it is now, then each change; what is measured about once a second.',
    subscribe: (_root, _args, context) => follow(context, 'group', { pair: null }),
    resolve: (group) => group,
  }),
);
