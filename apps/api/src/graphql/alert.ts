import type { Alert, AlertState, Seen, Severity } from '@lockstep/checks';
import { findAlerts } from '../alerts.ts';
import { follow, openAlerts } from '../pubsub/streams.ts';
import { about } from './audited.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import { findable, Node } from './node.ts';
import { connection, paging } from './page.ts';
import { storedCost } from './price.ts';
import { attempt, RequestError, resultOf } from './request-error.ts';

export const SeverityType = describedEnum<Severity>('Severity', 'How urgent an alert is.', {
  CRITICAL: 'Needs a person now.',
  WARNING: 'Needs a person soon.',
  INFO: 'Worth knowing.',
});

export const AlertStateType = describedEnum<AlertState>('AlertState', 'Where an alert is in its life.', {
  pending: 'The condition holds, but not yet for as long as its rule wants.',
  firing: 'The condition has held long enough: it needs a person.',
  resolved: 'The condition is gone.',
});

const AcknowledgementType = builder
  .objectRef<NonNullable<Alert['acknowledged']>>('Acknowledgement')
  .implement({
    description: 'Somebody has seen an alert and looks after it.',
    fields: (t) => ({
      by: t.exposeString('by', { description: 'Who.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When.' }),
      note: t.exposeString('note', { description: 'What they wrote; may be empty.' }),
    }),
  });

const TableNameType = builder.objectRef<NonNullable<Alert['tableName']>>('TableName').implement({
  description: 'What a table is called on the servers.',
  fields: (t) => ({
    schema: t.exposeString('schema', { description: 'The schema (database) that it is in.' }),
    name: t.exposeString('table', { description: 'Its name.' }),
  }),
});

const SeenType = builder.objectRef<Seen>('Seen').implement({
  description: 'What was wrong at one moment.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    severity: t.expose('severity', { type: SeverityType, description: 'How urgent it was then.' }),
    evidence: t.exposeString('evidence', { description: 'What was seen, in one sentence.' }),
  }),
});

export const AlertType = builder.objectRef<Alert>('Alert').implement({
  interfaces: [Node],
  description:
    'A condition on a pair or server that needs a person: one alert while it lasts, whatever the number of cycles that see it.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Of this occurrence.' }),
    fingerprint: t.exposeString('fingerprint', {
      description: 'The same for every occurrence of the condition: rule, pair or server, table.',
    }),
    rule: t.exposeString('rule', {
      description: 'The rule that raised it, e.g. `lag` or `table-different`.',
    }),
    severity: t.expose('severity', { type: SeverityType, description: 'How urgent it is.' }),
    state: t.expose('state', { type: AlertStateType, description: 'Where it is in its life.' }),
    pair: t.exposeString('pair', {
      nullable: true,
      description: 'The pair it is about; null for conditions of a server.',
    }),
    server: t.exposeString('server', {
      nullable: true,
      description: 'The server it is about, where it is about one.',
    }),
    table: t.exposeString('table', {
      nullable: true,
      description: 'The table it is about, by its `Table.qualifiedName`, where it is about one.',
    }),
    tableName: t.expose('tableName', {
      type: TableNameType,
      nullable: true,
      description: 'The same in its parts.',
    }),
    summary: t.exposeString('summary', { description: 'A short title, e.g. "Replica is lagging".' }),
    evidence: t.exposeString('evidence', {
      description: 'What was seen, as of `updatedAt`, in one sentence.',
    }),
    wasWrong: t.string({
      nullable: true,
      description: 'What was wrong, when it last was; for one that is over, `evidence` says why it is.',
      resolve: ({ wasWrong }) => wasWrong ?? null,
    }),
    first: t.field({
      type: SeenType,
      nullable: true,
      description: 'What was wrong when it began; null for alerts of earlier versions.',
      resolve: ({ first }) => first ?? null,
    }),
    worst: t.field({
      type: SeenType,
      nullable: true,
      description: 'What was wrong when it was worst: by its severity, then by the measure of its rule.',
      resolve: ({ worst }) => worst ?? null,
    }),
    last: t.field({
      type: SeenType,
      nullable: true,
      description: 'What was wrong when it last was: as far as is known, until `at`.',
      resolve: ({ last }) => last ?? null,
    }),
    clearingSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when its condition is over, while it waits whether that stays so; null otherwise.',
      resolve: ({ clearingSince }) => clearingSince ?? null,
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the condition was first seen.' }),
    firedAt: t.expose('firedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it went from pending to firing; null if it has not.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When anything of it last changed.' }),
    resolvedAt: t.expose('resolvedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the condition was gone; null while it lasts.',
    }),
    noData: t.exposeBoolean('noData', {
      description: 'The condition cannot be judged at present, so the alert is kept as it was.',
    }),
    acknowledged: t.expose('acknowledged', {
      type: AcknowledgementType,
      nullable: true,
      description: 'Who looks after it; null for nobody yet.',
    }),
    silencedUntil: t.expose('silencedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Nobody is notified until then; null when not silenced.',
    }),
    silencedBy: t.field({
      type: ['ID'],
      description: 'The silences by matcher that cover it now.',
      extensions: { usual: 1 },
      resolve: ({ silencedBy }) => [...(silencedBy ?? [])],
    }),
    inhibitedBy: t.exposeString('inhibitedBy', {
      nullable: true,
      description:
        'The fingerprint of the alert that this one follows from (of a dead server, say): nobody is notified of it on its own.',
    }),
  }),
});

findable('Alert', (id, { engine }) => engine.alert(id));

const AlertConnection = connection(AlertType, 'A page of alerts, newest first.');
const alertPaging = paging(50);

builder.queryField('alerts', (t) =>
  t.field({
    type: AlertConnection,
    description: 'Alerts that are open and that were, newest first.',
    args: {
      states: t.arg({ type: [AlertStateType], description: 'Only in these states; all without it.' }),
      severities: t.arg({ type: [SeverityType], description: 'Only of these severities; all without it.' }),
      pair: t.arg.string({ description: 'Only of this pair; all without it.' }),
      ...alertPaging.args,
    },
    extensions: { cost: storedCost },
    resolve: (_root, { states, severities, pair, ...page }, { engine }) => {
      const filter = {
        ...(states && { states }),
        ...(severities && { severities }),
        ...(pair != null && { pair }),
      };
      return alertPaging.page(page, (request) => findAlerts(engine, filter, request));
    },
  }),
);

builder.subscriptionField('alerts', (t) =>
  t.field({
    type: AlertType,
    description: `Every pending and firing alert (of very many, the newest ${openAlerts.toLocaleString('en')}), then each change of an alert.`,
    args: { pair: t.arg.string({ description: 'Only of this pair; all without it.' }) },
    subscribe: (_root, { pair }, context) => follow(context, 'alert', { pair: pair ?? null }),
    resolve: (alert) => alert,
  }),
);

const longestNote = 1_000;

const anAlert = about<{ id: string; until?: Date }, Alert>(({ id, until }, alert) => {
  const place = alert?.pair ?? alert?.server;
  const which = alert ? `${alert.summary}${place ? ` (${place})` : ''}` : `alert ${id}`;
  return until ? `${which} until ${until.toISOString()}` : which;
});

const AlertResult = resultOf('AlertResult', 'The alert as it is now, or why nothing was done.', AlertType);

builder.mutationFields((t) => ({
  acknowledgeAlert: t.field({
    type: AlertResult,
    extensions: anAlert,
    description: 'Says that somebody looks after an alert.',
    args: {
      id: t.arg.id({ required: true, description: 'Which alert.' }),
      note: t.arg.string({
        required: true,
        defaultValue: '',
        description: `A word for colleagues, at most ${longestNote} characters.`,
      }),
    },
    resolve: (_root, { id, note }, context) =>
      attempt(context, (by) => {
        if (note.length <= longestNote) return context.engine.acknowledgeAlert(id, by, note);
        return new RequestError(
          'INVALID',
          `The note has ${note.length} characters; at most ${longestNote} are kept.`,
        );
      }),
  }),
  unacknowledgeAlert: t.field({
    type: AlertResult,
    extensions: anAlert,
    description: 'Takes an acknowledgement back, whoever made it.',
    args: { id: t.arg.id({ required: true, description: 'Which alert.' }) },
    resolve: (_root, { id }, context) => attempt(context, (by) => context.engine.unacknowledgeAlert(id, by)),
  }),
  silenceAlert: t.field({
    type: AlertResult,
    extensions: anAlert,
    description: 'Notifies nobody of an alert until an instant. The alert stays visible.',
    args: {
      id: t.arg.id({ required: true, description: 'Which alert.' }),
      until: t.arg({ type: 'DateTime', required: true, description: 'When the silence ends by itself.' }),
    },
    resolve: (_root, { id, until }, context) =>
      attempt(context, (by) => context.engine.silenceAlert(id, by, until)),
  }),
  unsilenceAlert: t.field({
    type: AlertResult,
    extensions: anAlert,
    description: 'Ends the silence of an alert.',
    args: { id: t.arg.id({ required: true, description: 'Which alert.' }) },
    resolve: (_root, { id }, context) => attempt(context, (by) => context.engine.silenceAlert(id, by, null)),
  }),
}));
