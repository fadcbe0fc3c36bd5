import { z } from 'zod';
import { duration, MAP, text } from './leaves.ts';

export const storageSection = z.strictObject(
  {
    file: text('the path of the database file, or :memory:').prefault('./lockstep.db'),
    lagSamples: duration('1h', '30d').prefault('24h'),
    lagMinutes: duration('1h', '730d').prefault('30d'),
    history: duration('1d', '3650d').prefault('90d'),
    audit: duration('1d', '3650d').prefault('365d'),
  },
  MAP,
);
