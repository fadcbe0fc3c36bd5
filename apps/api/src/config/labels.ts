import { z } from 'zod';
import { text } from './leaves.ts';

/** Each is a series' label, a filter on the page, a way to route: a handful, or none of them can be read. */
const mostLabels = 16;

const NAME = 'a name of at most 64 letters, digits and _, not starting with a digit';
const VALUE = 'text of at most 128 characters';
const LABELS = `a map of at most ${mostLabels} labels, such as { env: prod, team: shop }`;

/** What a pair belongs to, in words of the user's own. Names are what Prometheus takes for one. */
export const labelsSection = z
  .record(
    z.string().regex(/^[A-Za-z_]\w{0,63}$/, NAME),
    text(VALUE)
      .max(128, VALUE)
      .regex(/^[^\p{Cc}]*$/u, VALUE),
    LABELS,
  )
  .refine((labels) => Object.keys(labels).length <= mostLabels, LABELS)
  .prefault({});
