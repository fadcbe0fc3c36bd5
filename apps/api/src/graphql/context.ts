import type { Engine } from '@lockstep/checks';
import type { EffectiveConfig } from './config.ts';
import type { Viewer } from './viewer.ts';
import type { PubSub } from '../pubsub/pubsub.ts';

/** What every resolver may use. */
export interface ApiContext {
  engine: Engine;
  pubsub: PubSub;
  config: EffectiveConfig;
  version: string;
  viewer: Viewer;
}
