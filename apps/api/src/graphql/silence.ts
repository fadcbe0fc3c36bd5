import type { AlertMatcher, Recurrence, SilencePreview, SilenceState } from '@lockstep/checks';
import { follow } from '../pubsub/streams.ts';
import { about } from './audited.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import { LabelType } from './label.ts';
import { findable, Node } from './node.ts';
import type { PricedBy } from './price.ts';
import { attempt, resultOf } from './request-error.ts';

const patterns = {
  pair: 'Of these pairs; alerts of servers alone do not fit.',
  rule: 'Of these rules, e.g. `lag` or `table-*`.',
  server: 'Of these servers, and of every pair that one is a side of.',
  table: 'Of these tables, `schema.table`.',
};
const labels = 'Of pairs that have all of these labels; a server has those that all its pairs have.';

const AlertMatcherType = builder.objectRef<AlertMatcher>('AlertMatcher').implement({
  description: 'Which alerts are meant: those that fit everything that is said. Patterns take `*` and `?`.',
  fields: (t) => ({
    pair: t.string({ nullable: true, description: patterns.pair, resolve: ({ pair }) => pair ?? null }),
    rule: t.string({ nullable: true, description: patterns.rule, resolve: ({ rule }) => rule ?? null }),
    server: t.string({
      nullable: true,
      description: patterns.server,
      resolve: ({ server }) => server ?? null,
    }),
    table: t.string({ nullable: true, description: patterns.table, resolve: ({ table }) => table ?? null }),
    labels: t.field({
      type: [LabelType],
      description: labels,
      extensions: { usual: 1 },
      resolve: (matcher) => Object.entries(matcher.labels ?? {}),
    }),
  }),
});

const RecurrenceType = builder.objectRef<Recurrence>('Recurrence').implement({
  description: 'When a silence comes again and again.',
  fields: (t) => ({
    cron: t.exposeString('cron', { description: 'When each time begins: a cron pattern of five fields.' }),
    timeZone: t.exposeString('timeZone', {
      nullable: true,
      description: "In which time zone, e.g. `Europe/Berlin`; null for the process's own.",
    }),
    durationMs: t.exposeFloat('durationMs', { description: 'How long each time lasts, in milliseconds.' }),
  }),
});

const SilenceStateName = describedEnum<SilenceState['state']>(
  'SilenceState',
  'Where a silence is in its life.',
  {
    scheduled: 'It will hold.',
    active: 'It holds: nobody is notified of alerts that fit.',
    ended: 'It holds no more, and will not again.',
  },
);

const SilenceType = builder.objectRef<SilenceState>('Silence').implement({
  interfaces: [Node],
  description:
    'Nobody is notified of alerts that fit, for a time or again and again. The alerts stay visible.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The same over restarts.' }),
    matcher: t.expose('matcher', { type: AlertMatcherType, description: 'Which alerts are meant.' }),
    note: t.exposeString('note', { description: 'Why, or the name of the maintenance; may be empty.' }),
    by: t.exposeString('by', {
      nullable: true,
      description: 'Who made it; null for maintenance in the configuration.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    from: t.expose('from', { type: 'DateTime', description: 'It holds from then on, at the earliest.' }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'It ends then; null for what comes again for ever.',
    }),
    recurrence: t.expose('recurrence', {
      type: RecurrenceType,
      nullable: true,
      description: 'When it comes again; null for what holds all the time between `from` and `until`.',
    }),
    state: t.expose('state', { type: SilenceStateName, description: 'Where it is in its life.' }),
    activeUntil: t.expose('activeUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'When the time that runs now is over; null while none does.',
    }),
    nextFrom: t.expose('nextFrom', {
      type: 'DateTime',
      nullable: true,
      description: 'When it holds next; null while it does, and when it never will.',
    }),
    endedBy: t.exposeString('endedBy', {
      nullable: true,
      description: 'Who ended it, or the last time of what comes again; null for nobody.',
    }),
  }),
});

findable('Silence', (id, { engine }) => engine.silences().find((silence) => silence.id === id) ?? null);

const ExampleType = builder.objectRef<SilencePreview['examples'][number]>('SilencedAlert').implement({
  description: 'An open alert that a silence would cover.',
  fields: (t) => ({
    id: t.exposeID('id', { description: "The alert's." }),
    summary: t.exposeString('summary', { description: 'Its title.' }),
    pair: t.exposeString('pair', {
      nullable: true,
      description: 'The pair it is about, if it is about one.',
    }),
    server: t.exposeString('server', { nullable: true, description: 'The server, if it is about one.' }),
    table: t.exposeString('table', { nullable: true, description: 'The table, if it is about one.' }),
  }),
});

const PreviewType = builder.objectRef<SilencePreview>('SilencePreview').implement({
  description: 'What a silence would hit.',
  fields: (t) => ({
    now: t.exposeInt('now', { description: 'Open alerts that fit.' }),
    lastWeek: t.exposeInt('lastWeek', { description: 'Alerts that fired and began within the last week.' }),
    complete: t.exposeBoolean('complete', {
      description:
        'False where that week had more alerts than were looked through: `lastWeek` is at least so many.',
    }),
    examples: t.expose('examples', {
      type: [ExampleType],
      description: 'Some of the open alerts that fit.',
      extensions: { usual: 5 },
    }),
  }),
});

const LabelInput = builder.inputType('LabelInput', {
  description: 'One label.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What is told apart, e.g. `env`.' }),
    value: t.string({ required: true, description: 'Which it is, e.g. `prod`.' }),
  }),
});

const MatcherInput = builder.inputType('AlertMatcherInput', {
  description: 'Which alerts are meant: those that fit everything that is said, which must be something.',
  fields: (t) => ({
    pair: t.string({ description: patterns.pair }),
    rule: t.string({ description: patterns.rule }),
    server: t.string({ description: patterns.server }),
    table: t.string({ description: patterns.table }),
    labels: t.field({ type: [LabelInput], description: labels }),
  }),
});

const RecurrenceInput = builder.inputType('RecurrenceInput', {
  description: 'When a silence comes again and again.',
  fields: (t) => ({
    cron: t.string({ required: true, description: 'When each time begins: a cron pattern of five fields.' }),
    timeZone: t.string({ description: "In which time zone; the process's own without it." }),
    durationMs: t.float({
      required: true,
      description: 'How long each time lasts: from a minute to 7 days.',
    }),
  }),
});

type GivenMatcher = typeof MatcherInput.$inferInput;

function matcher({ labels: given, ...others }: GivenMatcher): AlertMatcher {
  return {
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => value != null)),
    ...(given &&
      given.length > 0 && { labels: Object.fromEntries(given.map(({ name, value }) => [name, value])) }),
  };
}

/** Up to 2,000 alerts are read from the store, 200 at a time. */
const previewCost = 200;

builder.queryFields((t) => ({
  silences: t.field({
    type: [SilenceType],
    description:
      'Silences by matcher, and maintenance of the configuration: those that hold, those that will, and the newest of those that do no more.',
    extensions: { length: ({ engine }: PricedBy) => engine.silences().length },
    resolve: (_root, _args, { engine }) => engine.silences(),
  }),
  silencePreview: t.field({
    type: PreviewType,
    description: 'What a silence would hit, before it is made.',
    args: { matcher: t.arg({ type: MatcherInput, required: true, description: 'Which alerts.' }) },
    extensions: { cost: previewCost },
    resolve: (_root, args, { engine }) => engine.previewSilence(matcher(args.matcher)),
  }),
}));

builder.subscriptionField('silences', (t) =>
  t.field({
    type: SilenceType,
    description: 'Every silence as it is now, then each that is made, begins or ends.',
    subscribe: (_root, _args, context) => follow(context, 'silence', { pair: null }),
    resolve: (silence) => silence,
  }),
);

const SilenceResult = resultOf(
  'SilenceResult',
  'The silence as it is now, or why nothing was done.',
  SilenceType,
);

const aSilence = about<{ id?: string }, SilenceState>(({ id }, silence) => {
  if (!silence) return id === undefined ? '' : `silence ${id}`;
  const { labels: given, ...patterns } = silence.matcher;
  const parts = Object.entries({ ...patterns, ...given }).map(([name, value]) => `${name} ${value}`);
  return parts.join(', ') + (silence.until ? ` until ${silence.until.toISOString()}` : '');
});

builder.mutationFields((t) => ({
  createSilence: t.field({
    type: SilenceResult,
    extensions: aSilence,
    description: 'Notifies nobody of alerts that fit, for a time or again and again.',
    args: {
      matcher: t.arg({ type: MatcherInput, required: true, description: 'Which alerts.' }),
      from: t.arg({ type: 'DateTime', description: 'From when on; from now on without it.' }),
      until: t.arg({ type: 'DateTime', description: 'Until when; only what comes again may do without.' }),
      recurrence: t.arg({ type: RecurrenceInput, description: 'When it comes again.' }),
      note: t.arg.string({
        required: true,
        defaultValue: '',
        description: 'A word for colleagues, at most 1000 characters.',
      }),
    },
    resolve: (_root, { from, until, recurrence, note, ...args }, context) =>
      attempt(context, (by) =>
        context.engine.createSilence(
          {
            matcher: matcher(args.matcher),
            from: from ?? null,
            until: until ?? null,
            recurrence: recurrence ? { ...recurrence, timeZone: recurrence.timeZone ?? null } : null,
            note,
          },
          by,
        ),
      ),
  }),
  endSilence: t.field({
    type: SilenceResult,
    extensions: aSilence,
    description: 'Ends a silence; of maintenance in the configuration only the time that runs now.',
    args: { id: t.arg.id({ required: true, description: 'Which silence.' }) },
    resolve: (_root, { id }, context) => attempt(context, (by) => context.engine.endSilence(id, by)),
  }),
  restoreSilence: t.field({
    type: SilenceResult,
    extensions: aSilence,
    description: 'Gives back a silence that was ended, as far as its time is not over.',
    args: { id: t.arg.id({ required: true, description: 'Which silence.' }) },
    resolve: (_root, { id }, context) => attempt(context, (by) => context.engine.restoreSilence(id, by)),
  }),
}));
