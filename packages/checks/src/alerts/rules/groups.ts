import type { GroupMember, GroupState, MemberStateName } from '../../model/group.ts';
import { type Condition, condition, fingerprint } from '../condition/condition.ts';

/** A cluster's own alerts are those of the first of its watched members. */
function subjectOf({ members }: GroupState): { server: string } {
  return { server: members[0]?.server ?? '' };
}

/** Whoever left, was expelled, or is cut off has data that stand still. */
function memberLost({ server, state, evidence }: GroupMember): Condition {
  const lost: MemberStateName[] = ['not-in-group', 'no-quorum'];
  return condition(
    'group-member-lost',
    { server },
    {
      status: state === 'unknown' ? 'unknown' : lost.includes(state) ? 'true' : 'false',
      severity: 'CRITICAL',
      summary: `${server} is not in its cluster`,
      evidence: `${server}: ${evidence}`,
      follows: [fingerprint('connection-lost', { server })],
    },
  );
}

function degraded(group: GroupState): Condition {
  const { state, name, evidence } = group;
  return condition('group-degraded', subjectOf(group), {
    status: state === 'degraded' ? 'true' : state === 'whole' ? 'false' : 'unknown',
    severity: 'WARNING',
    summary: `Cluster ${name} has lost members`,
    evidence,
  });
}

function split(group: GroupState): Condition {
  const { state, name, evidence, perhapsSplit = false } = group;
  return condition('group-split', subjectOf(group), {
    status: state === 'split' ? 'true' : state === 'unknown' || perhapsSplit ? 'unknown' : 'false',
    severity: 'CRITICAL',
    summary: `Cluster ${name} is split`,
    evidence,
  });
}

/** Writes of the whole cluster wait for so much of the time. */
const tooMuch = 0.1;

/** Told of the member that the others wait for: its applier is what is slow. */
function flowControl({ server, flowControl: share, holdsBack }: GroupMember): Condition[] {
  if (share === null) return [];
  const held = Math.round(share * 100);
  const waits = holdsBack && share >= tooMuch;
  return [
    condition(
      'flow-control',
      { server },
      {
        status: waits ? 'true' : 'false',
        // The others' writes go on for a moment whenever it has worked off a part.
        ...(share >= tooMuch && { keeps: 'WARNING' as const }),
        severity: 'WARNING',
        summary: `${server} holds its cluster back`,
        evidence: `${server}: flow control held it back for ${held} % of the last seconds${waits ? '; it is the one that the others wait for' : ''}`,
      },
    ),
  ];
}

export function groups(group: GroupState): Condition[] {
  return [
    degraded(group),
    split(group),
    ...group.members.flatMap((member) => [memberLost(member), ...flowControl(member)]),
  ];
}
