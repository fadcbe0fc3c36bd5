import type {
  Attribution,
  ChannelStatus,
  ReplicationError,
  ReplicationStatus,
  ThreadState,
} from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';

const AttributionType = describedEnum<Attribution>('Attribution', 'Where a delay arises.', {
  none: 'There is no delay.',
  link: 'Between the servers: nothing arrives.',
  receiver: 'In the thread that fetches from the source.',
  applier: 'In the threads that apply what was fetched.',
  intended: 'A configured delay.',
  unknown: 'Cannot be told.',
});

const ThreadStateType = describedEnum<ThreadState>('ThreadState', 'What a replication thread is doing.', {
  running: 'It runs.',
  connecting: 'It is trying to reach the source.',
  stopped: 'It was stopped, or an error stopped it.',
  unknown: 'Could not be read.',
});

const ReplicationErrorType = builder.objectRef<ReplicationError>('ReplicationError').implement({
  description: 'What stopped a replication thread, or last troubled it.',
  fields: (t) => ({
    code: t.exposeInt('code', { description: "The server's error number." }),
    message: t.exposeString('message', { description: "The server's own words." }),
    at: t.expose('at', {
      type: 'DateTime',
      nullable: true,
      description: 'As the server tells it; null when it does not.',
    }),
  }),
});

const ChannelType = builder.objectRef<ChannelStatus>('Channel').implement({
  description: 'One replication stream into a target, as the target itself reports it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The empty name is the default channel.' }),
    sourceHost: t.exposeString('sourceHost', { description: 'The host that it reads from.' }),
    sourcePort: t.exposeInt('sourcePort', { description: 'The port that it reads from.' }),
    sourceIdentity: t.exposeString('sourceIdentity', {
      nullable: true,
      description:
        '`server_uuid` (MySQL) or `server_id` (MariaDB) of the server that it reads from; null when not known.',
    }),
    receiver: t.expose('receiver', {
      type: ThreadStateType,
      description: 'The thread that fetches from the source (IO thread).',
    }),
    applier: t.expose('applier', {
      type: ThreadStateType,
      description: 'The threads that apply what was fetched (SQL thread and its workers).',
    }),
    receiverError: t.expose('receiverError', {
      type: ReplicationErrorType,
      nullable: true,
      description: 'The last error of the receiver; null for none.',
    }),
    applierError: t.expose('applierError', {
      type: ReplicationErrorType,
      nullable: true,
      description: 'The last error of the applier; null for none.',
    }),
    applierActivity: t.exposeString('applierActivity', {
      nullable: true,
      description: 'What the applier says it is doing.',
    }),
    intendedDelayMs: t.exposeFloat('intendedDelayMs', {
      description: 'The delay configured on the target, in milliseconds; 0 for none.',
    }),
    serverLagMs: t.exposeFloat('serverLagMs', {
      nullable: true,
      description: "The target's own figure in milliseconds, for comparison only; null when it says NULL.",
    }),
    usesGtid: t.exposeBoolean('usesGtid', { description: 'It finds its place in the source by GTID.' }),
    parallelWorkers: t.exposeInt('parallelWorkers', {
      nullable: true,
      description: 'Threads that apply in parallel; null when not known.',
    }),
    relayLogBytes: t.expose('relayLogBytes', {
      type: 'BigInt',
      nullable: true,
      description: 'Bytes that were fetched and are kept in the relay log; null when not known.',
    }),
    appliedFile: t.exposeString('appliedFile', {
      nullable: true,
      description: "Applied up to here in the source's binlog: the file.",
    }),
    appliedOffset: t.expose('appliedOffset', {
      type: 'BigInt',
      nullable: true,
      description: "Applied up to here in the source's binlog: the byte in the file.",
    }),
    receivedFile: t.exposeString('receivedFile', {
      nullable: true,
      description: "Fetched up to here in the source's binlog: the file.",
    }),
    receivedOffset: t.expose('receivedOffset', {
      type: 'BigInt',
      nullable: true,
      description: "Fetched up to here in the source's binlog: the byte in the file.",
    }),
    receivedGtid: t.exposeString('receivedGtid', {
      nullable: true,
      description: 'GTIDs fetched, where the server tells.',
    }),
    filters: t.stringList({
      resolve: ({ filters }) => filters.map(({ name, value }) => `${name}=${value}`),
      description: 'Replication filters in force, as `name=value`: what they hold back is not replicated.',
    }),
  }),
});

export const ReplicationStatusType = builder.objectRef<ReplicationStatus>('ReplicationStatus').implement({
  description: "Everything known of the replication into a pair's target.",
  fields: (t) => ({
    pair: t.exposeString('pair', { description: 'The name of the pair.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was read.' }),
    channels: t.field({
      type: [ChannelType],
      nullable: true,
      description: 'Null when they could not be read: then `evidence` says why. Empty: none is configured.',
      extensions: { usual: 2 },
      resolve: (status) => status.channels,
    }),
    channel: t.field({
      type: ChannelType,
      nullable: true,
      description: "The pair's own of them; null when there is none, or when it is not known which it is.",
      resolve: (status) => status.channel,
    }),
    attribution: t.expose('attribution', { type: AttributionType, description: 'Where the delay arises.' }),
    errant: t.exposeString('errant', {
      nullable: true,
      description: 'GTIDs on the target that the source does not have; empty for none, null when unknown.',
    }),
    errantCount: t.expose('errantCount', {
      type: 'BigInt',
      nullable: true,
      description: 'How many transactions `errant` names; null when unknown.',
    }),
    errantKnown: t.string({
      description:
        'The same of those whose writers the pair names under `errant.ignore`; not in `errant`. Empty for none.',
      resolve: ({ errantKnown }) => errantKnown ?? '',
    }),
    evidence: t.exposeString('evidence', { description: 'What was seen, in one sentence.' }),
  }),
});

builder.subscriptionField('replication', (t) =>
  t.field({
    type: ReplicationStatusType,
    description: 'The latest replication status of every pair, then every new one.',
    args: { pair: t.arg.string({ description: 'Only this pair; all without it.' }) },
    subscribe: (_root, { pair }, context) => follow(context, 'replication', { pair: pair ?? null }),
    resolve: (status) => status,
  }),
);
