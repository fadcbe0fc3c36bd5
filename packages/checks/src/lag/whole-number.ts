/** As a server prints it; null for what is none, or larger than can be told on as a number. */
export function wholeNumber(text: string | null, most = Number.MAX_SAFE_INTEGER): number | null {
  const number = text === null ? NaN : Number(text);
  return Number.isInteger(number) && Math.abs(number) <= most ? number : null;
}

/** The same of what is told on as an Int of GraphQL. */
export function smallNumber(text: string | null): number | null {
  return wholeNumber(text, 2 ** 31 - 1);
}
