/** How a write-ahead log begins, whichever way its checksums are written. */
export const walMagic: ReadonlySet<number> = new Set([0x377f0682, 0x377f0683]);
