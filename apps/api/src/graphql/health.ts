import type { EngineHealth, StorageHealth } from '@lockstep/checks';
import { health } from '../health.ts';
import { builder } from './builder.ts';
import type { PricedBy } from './price.ts';
import { Server } from './server.ts';

const StorageHealthType = builder.objectRef<StorageHealth>('StorageHealth').implement({
  description: 'How the store of history is. Measuring and alerting go on without it.',
  fields: (t) => ({
    ok: t.exposeBoolean('ok', { description: 'What is measured is being kept.' }),
    file: t.exposeString('file', { description: 'The database file, or `:memory:`.' }),
    evidence: t.exposeString('evidence', {
      description: "The sentence that explains `ok`, with the database's own words.",
    }),
    buffered: t.exposeInt('buffered', { description: 'Writes that wait.' }),
    dropped: t.exposeInt('dropped', {
      description: 'Writes given up since the start, because too many waited.',
    }),
    bytes: t.exposeFloat('bytes', { nullable: true, description: 'Size of the file; null when not known.' }),
  }),
});

const HealthType = builder.objectRef<EngineHealth>('Health').implement({
  description: 'How Lockstep itself is. A server that cannot be reached does not make it ill.',
  fields: (t) => ({
    ok: t.boolean({
      description: 'The engine and its storage work.',
      resolve: (_parent, _args, { engine }) => health(engine).ok,
    }),
    evidence: t.exposeString('evidence', { description: 'The sentence that explains how the engine is.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the engine was started; null when it was not.',
    }),
    storage: t.expose('storage', { type: StorageHealthType, description: 'How the store of history is.' }),
    servers: t.field({
      type: [Server],
      description: 'Every server as it is now.',
      extensions: { length: ({ engine }: PricedBy) => engine.servers().length },
      resolve: (_parent, _args, { engine }) => engine.servers(),
    }),
  }),
});

builder.queryField('health', (t) =>
  t.field({
    type: HealthType,
    description: 'How Lockstep itself is.',
    resolve: (_root, _args, { engine }) => engine.health(),
  }),
);
