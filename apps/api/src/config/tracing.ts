import { z } from 'zod';
import { headers } from './headers.ts';
import { MAP, text } from './leaves.ts';

const ADDRESS = 'an address such as http://collector:4318/v1/traces';

export const tracingSection = z.strictObject(
  {
    url: text(ADDRESS).refine((value) => {
      const url = URL.parse(value);
      return url?.protocol === 'http:' || url?.protocol === 'https:';
    }, ADDRESS),
    headers: headers.optional(),
  },
  MAP,
);
