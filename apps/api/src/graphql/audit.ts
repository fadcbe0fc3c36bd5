import type { AuditEntry, AuditWay } from '@lockstep/checks';
import type { Audit } from '../audit.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import { connection, paging } from './page.ts';
import { storedCost } from './price.ts';
import { attempt, resultOf } from './request-error.ts';
import { RoleType } from './viewer.ts';

const WayType = describedEnum<AuditWay>('AuditWay', 'How somebody showed who they are.', {
  token: 'By a token of the configuration.',
  proxy: 'A trusted proxy said it.',
  oidc: 'They signed in with an OpenID Connect provider.',
  program: 'It came from the machine itself, e.g. by a signal.',
  none: 'Nobody was asked, or it was not shown.',
});

const OutcomeType = describedEnum<AuditEntry['outcome']>('AuditOutcome', 'What became of it.', {
  done: 'It was done.',
  refused: 'It was not done, for the reason given.',
  failed: 'Nobody expected how it ended; the log has why.',
});

const AuditEntryType = builder.objectRef<AuditEntry>('AuditEntry').implement({
  description: 'What somebody did, or was kept from.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The same over restarts.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    who: t.exposeString('who', { nullable: true, description: 'Their name; null where it was not shown.' }),
    role: t.expose('role', { type: RoleType, nullable: true, description: 'What they might do then.' }),
    way: t.expose('way', { type: WayType, description: 'How they showed who they are.' }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'The IP address that they came from; null for the machine itself.',
    }),
    action: t.exposeString('action', { description: 'The name of the mutation, `signIn` or `signOut`.' }),
    subject: t.exposeString('subject', { description: 'To what, in words; may be empty.' }),
    outcome: t.expose('outcome', { type: OutcomeType, description: 'What became of it.' }),
    message: t.exposeString('message', { nullable: true, description: 'Why it was not done.' }),
    times: t.exposeInt('times', {
      description:
        'What was refused again and again within ten minutes of `at` is one entry, and so are sign-ins and sign-outs.',
    }),
  }),
});

const EntryConnection = connection(AuditEntryType, 'A page of who did what, newest first.');
const entryPaging = paging(50);

const AuditType = builder.objectRef<Audit>('Audit').implement({
  description: 'Who did what, from where, and what became of it; for as long as `storage.audit`.',
  fields: (t) => ({
    people: t.stringList({
      description: 'Everybody that it names, at most 200.',
      extensions: { cost: storedCost, usual: 10 },
      resolve: (audit) => audit.people(),
    }),
    entries: t.field({
      type: EntryConnection,
      description: 'Newest first.',
      args: {
        who: t.arg.string({ description: 'Only of this person, by the whole name; of all without it.' }),
        action: t.arg.string({
          description: 'Only this, as `action` of an entry has it; everything without it.',
        }),
        from: t.arg({ type: 'DateTime', description: 'Where it begins, inclusive; the oldest without it.' }),
        to: t.arg({ type: 'DateTime', description: 'Where it ends, exclusive; now without it.' }),
        ...entryPaging.args,
      },
      extensions: { cost: storedCost },
      resolve: (audit, { who, action, from, to, ...page }) => {
        const filter = {
          ...(who != null && { who }),
          ...(action != null && { action }),
          ...(from && { from }),
          ...(to && { to }),
        };
        return entryPaging.page(page, (request) => audit.page(filter, request));
      },
    }),
  }),
});

const AuditResult = resultOf('AuditResult', 'Who did what; `FORBIDDEN` for viewers.', AuditType);

builder.queryField('audit', (t) =>
  t.field({
    type: AuditResult,
    description:
      'Who did what. For operators: it holds names and addresses of people, which viewers need not see.',
    resolve: (_root, _args, context) => attempt(context, () => context.audit),
  }),
);
