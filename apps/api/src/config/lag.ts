import { z } from 'zod';
import { duration, MAP } from './leaves.ts';

export const lagSection = z.strictObject(
  {
    sampleInterval: duration('100ms', '5s').prefault('250ms'),
    statusInterval: duration('250ms', '1m').prefault('1s'),
    timeout: duration('250ms', '30s').prefault('3s'),
  },
  MAP,
);
