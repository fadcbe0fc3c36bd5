/** At most so many UTF-16 units of a text from its beginning, and never half of a character: that would be none. */
export function beginOf(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
