import { EngineRequestError, type NamesChanged, type Reconfigured } from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { about } from './audited.ts';
import { builder } from './builder.ts';
import { attempt, resultOf } from './request-error.ts';

const NamesChangedType = builder.objectRef<NamesChanged>('NamesChanged').implement({
  description: 'Which pairs, or servers, another configuration changed, by name.',
  fields: (t) => ({
    added: t.exposeStringList('added', { description: 'New ones.' }),
    removed: t.exposeStringList('removed', { description: 'Not watched any more.' }),
    changed: t.exposeStringList('changed', { description: 'Begun anew with what is set now.' }),
    unchanged: t.exposeInt('unchanged', { description: 'How many go on as they were.' }),
  }),
});

const ReconfiguredType = builder.objectRef<Reconfigured>('Reconfigured').implement({
  description: 'What a configuration that was taken up while the service runs changed.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it was taken up.' }),
    by: t.exposeString('by', { description: 'Who asked for it.' }),
    pairs: t.expose('pairs', { type: NamesChangedType, description: 'Of the pairs.' }),
    servers: t.expose('servers', { type: NamesChangedType, description: 'Of the servers.' }),
    needsRestart: t.exposeStringList('needsRestart', {
      description: 'Settings that go on as they were until the service is started again, e.g. `http.port`.',
    }),
  }),
});

const ReloadResult = resultOf(
  'ReloadResult',
  'What the configuration changed, or all that is wrong with it; then nothing has changed.',
  ReconfiguredType,
);

builder.mutationField('reloadConfiguration', (t) =>
  t.field({
    type: ReloadResult,
    extensions: about(() => ''),
    description:
      'Reads the configuration file again and takes up what it says, as SIGHUP does. What it leaves as it was goes on untouched.',
    resolve: (_root, _args, context) =>
      attempt(context, (by) => {
        if (context.reload) return context.reload(by);
        throw new EngineRequestError('CONFLICT', 'This service was started without a configuration file.');
      }),
  }),
);

builder.subscriptionField('configuration', (t) =>
  t.field({
    type: ReconfiguredType,
    description:
      'Each time that another configuration was taken up: pairs and servers may have come or gone.',
    subscribe: (_root, _args, context) => follow(context, 'configuration', { pair: null }),
    resolve: (reconfigured) => reconfigured,
  }),
);
