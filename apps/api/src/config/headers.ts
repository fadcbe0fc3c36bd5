import { z } from 'zod';
import { MAP, secret, text } from './leaves.ts';

const HEADER = 'a name of a header, such as X-Team';
const VALUE = 'the value of a header, in one line';

/** Sent with what goes out; secrets. */
export const headers = z.record(
  z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, HEADER),
  secret(text(VALUE).regex(/^[\t\x20-\x7e\x80-\xff]*$/, VALUE)),
  MAP,
);
