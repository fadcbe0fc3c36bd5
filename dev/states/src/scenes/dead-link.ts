import type { Scene } from '../scene.ts';
import { allIsWell } from './all-is-well.ts';

export const deadLink: Scene = {
  shows:
    'The link to the service is cut some seconds after the page was opened: it reconnects for ever, and opening it again mends it.',
  screens: {
    reconnecting: { path: '/', when: 'reconnecting' },
    offline: { path: '/', when: 'offline' },
    pair: { path: '/pairs/reports', when: 'offline' },
  },
  fill: allIsWell.fill,
  link: 'cut',
};

export const noLink: Scene = {
  shows: 'The page comes, and the service behind it never answers.',
  screens: { waiting: { path: '/', when: null } },
  fill: () => {},
  link: 'dead',
};
