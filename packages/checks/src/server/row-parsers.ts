import { clearParserCache, type FieldPacket, setMaxParserCache } from 'mysql2';

declare module 'mysql2' {
  // Exported, but not in its types.
  export function setMaxParserCache(max: number): void;
  export function clearParserCache(): void;
}

/**
 * For each list of columns the driver writes a program that reads its rows, and keeps 15,000 of them for the whole
 * process, however long: a server that thinks of new names for each answer would fill the memory. Our own statements
 * have some dozens, and one for each table that is compared.
 */
const kept = 200;
/** What is longer than any but a wide table's is not kept at all. */
const mostKept = { columns: 100, letters: 8 * 1024 };

setMaxParserCache(kept);

/** Whether the program for such columns is to be forgotten once their rows were read. */
export function isTooLongToKeep(fields: readonly FieldPacket[]): boolean {
  if (fields.length > mostKept.columns) return true;
  return fields.reduce((letters, { name }) => letters + name.length, 0) > mostKept.letters;
}

/** The driver can forget but all of them; what is needed again is written again. */
export function forgetRowParsers(): void {
  clearParserCache();
}
