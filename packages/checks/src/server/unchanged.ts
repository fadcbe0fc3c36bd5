import type { SqlRow, SqlValue } from './sql-server.ts';

/** A value of a kind that rows are named by, as a SELECT item, and as it comes from the server itself. */
interface Sample {
  sql: string;
  comes: string | Buffer;
}

/** What is changed by those who change texts: spaces at the end, what is no ASCII, what others escape. */
const text = `é😀 \\'"\t `;
const ofTexts: Sample = {
  sql: `CONVERT(0x${Buffer.from(text).toString('hex')} USING utf8mb4)`,
  comes: text,
};

/** And by those who read values and write them anew: zeros at the end, digits beyond a double's, what is no text. */
const ofOthers: Sample[] = [
  { sql: `CAST('-1.50' AS DECIMAL(5, 2))`, comes: '-1.50' },
  { sql: '18446744073709551615', comes: '18446744073709551615' },
  { sql: `CAST('2000-01-02' AS DATE)`, comes: '2000-01-02' },
  { sql: `CAST('2000-01-02 03:04:05' AS DATETIME)`, comes: '2000-01-02 03:04:05' },
  { sql: `CAST('2000-01-02 03:04:05.600000' AS DATETIME(6))`, comes: '2000-01-02 03:04:05.600000' },
  { sql: `CAST('-123:04:05' AS TIME)`, comes: '-123:04:05' },
  { sql: 'CAST(0x00FF20 AS BINARY)', comes: Buffer.from([0, 255, 32]) },
];

const samples = [ofTexts, ...ofOthers];

/** Items of a SELECT, which nobody changes but who changes what is read. */
export const sampleItems = samples.map(({ sql }, i) => `${sql} AS sample${i}`).join(', ');

/** Why an answer did not come as the server sent it: rows are named by what is read of them; null where it did. */
export function whatChanged(row: SqlRow | undefined): string | null {
  const [first] = samples.filter((sample, i) => !isAsSent(sample, row?.[`sample${i}`] ?? null));
  if (!first) return null;
  const what =
    first === ofTexts
      ? 'texts do not arrive as the server sends them (spaces, or letters)'
      : 'numbers, dates or bytes do not arrive as the server sends them';
  return `${what}: does a proxy change them?`;
}

function isAsSent({ comes }: Sample, value: SqlValue): boolean {
  if (typeof comes === 'string') return !Buffer.isBuffer(value) && String(value) === comes;
  return Buffer.isBuffer(value) && value.equals(comes);
}
