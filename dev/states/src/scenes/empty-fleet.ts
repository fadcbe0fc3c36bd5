import type { Scene } from '../scene.ts';

export const emptyFleet: Scene = {
  shows: 'No server and no pair is configured yet.',
  screens: {
    overview: { path: '/' },
    alerts: { path: '/alerts' },
    settings: { path: '/settings' },
    'no-such-pair': { path: '/pairs/gone' },
  },
  fill: () => {},
};
