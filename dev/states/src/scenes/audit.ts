import type { AuditEntry } from '@lockstep/checks';
import type { Scene } from '../scene.ts';
import { allIsWell } from './all-is-well.ts';

const everyMs = 7 * 60_000;

type Told = Pick<AuditEntry, 'action' | 'subject'> & Partial<AuditEntry>;

const long = 'anna.katharina.von-und-zu-hohenstein-wittgenstein@corporate-directory.example.com';

/** The newest first: every action, way and outcome. */
const told: Told[] = [
  { action: 'startRun', subject: 'checksum of shop, all tables' },
  { action: 'startRun', subject: 'checksum of shop, orders.line_items and 11 more tables', who: 'ben' },
  { action: 'cancelRun', subject: 'run 3f0c8a1e', outcome: 'refused', message: 'It is over.' },
  { action: 'pauseRun', subject: 'run 3f0c8a1e' },
  { action: 'resumeRun', subject: 'run 3f0c8a1e' },
  { action: 'pausePair', subject: 'billing', way: 'proxy', who: 'zoe' },
  { action: 'resumePair', subject: 'billing', way: 'proxy', who: 'zoe' },
  { action: 'acknowledgeAlert', subject: 'lag of shop: “vacuum runs until six”' },
  { action: 'unacknowledgeAlert', subject: 'lag of shop' },
  { action: 'silenceAlert', subject: 'lag of shop until 2026-03-02 06:00' },
  { action: 'unsilenceAlert', subject: 'lag of shop' },
  { action: 'createSilence', subject: 'pair shop, rule lag, table orders.*, until Monday 06:00', who: long },
  { action: 'endSilence', subject: 'pair shop, rule lag', who: long },
  { action: 'restoreSilence', subject: 'pair shop, rule lag', who: long },
  { action: 'acceptGroupSize', subject: 'cluster eu-west: 3 members' },
  { action: 'reloadConfiguration', subject: '', who: 'SIGHUP', role: null, way: 'program', address: null },
  {
    action: 'reloadConfiguration',
    subject: '',
    outcome: 'refused',
    message: 'servers.primary.port: expected a number from 1 to 65535, found "33O6" (lockstep.yaml, line 12)',
  },
  { action: 'sendTestNotification', subject: 'on call at night' },
  { action: 'sendTestNotification', subject: 'mail of the team', outcome: 'failed' },
  {
    action: 'pausePair',
    subject: 'shop',
    who: 'grafana',
    role: 'viewer',
    way: 'token',
    ...refused('It needs the operator role.'),
  },
  { action: 'signOut', subject: '', who: 'ben' },
  { action: 'signIn', subject: 'as 00u1k2j3h4', who: 'ben' },
  { action: 'signIn', subject: '', who: 'zoe', way: 'proxy' },
  {
    ...{
      action: 'signIn',
      subject: '',
      who: null,
      role: null,
      way: 'none',
      address: '203.0.113.77',
      times: 118,
    },
    ...refused('This token is not known.'),
  },
  {
    ...{ action: 'signIn', subject: 'as 00u9z8y7x6', who: 'carl', role: null, address: '2001:db8::7' },
    ...refused('"carl" may not use Lockstep: nothing in "groups" has a role in http.auth.oidc.roles.'),
  },
];

export const audit: Scene = {
  shows: 'Who did what: everything that can be done, by everybody and in every way.',
  screens: {
    audit: { path: '/audit' },
    one: { path: '/audit?who=zoe' },
    none: { path: '/audit?what=signOut&who=zoe&since=day' },
  },
  fill: allIsWell.fill,
  audit: () => {
    const now = Date.now();
    return told.map((entry, i) => ({
      ...{ id: `entry-${String(i).padStart(3, '0')}`, at: new Date(now - i * everyMs), who: 'anna' },
      ...{ role: 'operator', way: 'oidc', address: '10.20.30.40', outcome: 'done', message: null, times: 1 },
      ...entry,
    }));
  },
};

function refused(message: string): Pick<AuditEntry, 'outcome' | 'message'> {
  return { outcome: 'refused', message };
}
