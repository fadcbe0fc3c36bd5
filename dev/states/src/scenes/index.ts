import type { Scene } from '../scene.ts';
import { alerts } from './alerts.ts';
import { allIsWell } from './all-is-well.ts';
import { anywhere } from './anywhere.ts';
import { atScale } from './at-scale.ts';
import { audit } from './audit.ts';
import { badImport } from './bad-import.ts';
import { clusters } from './clusters.ts';
import { deadLink, noLink } from './dead-link.ts';
import { emptyFleet } from './empty-fleet.ts';
import { lag } from './lag.ts';
import { longNames } from './long-names.ts';
import { manyPairs } from './many-pairs.ts';
import { pairStates } from './pair-states.ts';
import { runs } from './runs.ts';
import { signIn, signInBehindProxy, signInElsewhere } from './sign-in.ts';
import { topology } from './topology.ts';
import { verdictsScene } from './verdicts.ts';

/** By name. The order is that of their ports: a new one goes to the end, so that the others keep their addresses. */
export const scenes: Record<string, Scene> = {
  'all-is-well': allIsWell,
  'pair-states': pairStates,
  lag,
  verdicts: verdictsScene,
  runs,
  alerts,
  'dead-link': deadLink,
  'no-link': noLink,
  'empty-fleet': emptyFleet,
  'long-names': longNames,
  'many-pairs': manyPairs,
  'sign-in': signIn,
  'at-scale': atScale,
  clusters,
  anywhere,
  audit,
  'sign-in-elsewhere': signInElsewhere,
  'sign-in-proxy': signInBehindProxy,
  'bad-import': badImport,
  topology,
};
