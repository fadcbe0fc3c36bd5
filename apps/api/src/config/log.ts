import { z } from 'zod';
import { MAP } from './leaves.ts';

export const logSection = z.strictObject(
  {
    level: z
      .enum(
        ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
        'trace, debug, info, warn, error, fatal or silent',
      )
      .prefault('info'),
    format: z.enum(['auto', 'json', 'pretty'], 'auto, json or pretty').prefault('auto'),
  },
  MAP,
);
