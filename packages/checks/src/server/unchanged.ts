import type { SqlRow } from './sql-server.ts';

/** What is changed by those who change texts: spaces at the end, what is no ASCII, what others escape. */
const sample = `é😀 \\'"\t `;

/** An item of a SELECT, that nobody changes who changes texts. */
export const sampleItem = `CONVERT(0x${Buffer.from(sample).toString('hex')} USING utf8mb4) AS sample`;

/** Whether the answer came as the server sent it: keys are read as texts, and rows are named by them. */
export function isUnchanged(row: SqlRow | undefined): boolean {
  return row?.['sample'] === sample;
}

export const changed =
  'texts do not arrive as the server sends them (spaces, or letters): does a proxy change them?';
