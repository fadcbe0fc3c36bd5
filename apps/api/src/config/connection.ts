import { z } from 'zod';
import { duration, integer, MAP } from './leaves.ts';

export const connectionSection = z.strictObject(
  {
    connectTimeout: duration('100ms', '60s').prefault('5s'),
    attempts: integer(1, 100).prefault(3),
    firstDelay: duration('100ms', '10m').prefault('5s'),
    maxDelay: duration('100ms', '1h').prefault('60s'),
    poolSize: integer(1, 64).prefault(4),
  },
  MAP,
);
