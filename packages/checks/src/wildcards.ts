/** In the place of a character: any one, or any number of them, also none. Longer than one, so that they are none. */
export const anyOne = 'any one';
export const anyMany = 'any many';

/**
 * Whether a text is as these characters and signs say, in time that grows with the product of both lengths only: a
 * regular expression made of what a viewer or a server says may take for ever on a name of 64 characters.
 */
export function isLike(signs: readonly string[], text: string): boolean {
  let [at, many, from] = [0, -1, 0];
  for (let i = 0; i < text.length;) {
    const sign = signs[at];
    if (sign === anyMany) [many, from, at] = [at, i, at + 1];
    else if (sign === anyOne || sign === text[i]) [at, i] = [at + 1, i + 1];
    // The last of those that stand for many takes one more.
    else if (many >= 0) [at, i] = [many + 1, ++from];
    else return false;
  }
  while (signs[at] === anyMany) at++;
  return at === signs.length;
}

/**
 * A name as servers write it that compare names without case (see `namesFold`). At the end of a word JavaScript has
 * another small sigma than in it, and for the Turkish capital of the dotted i it has two characters.
 */
export function foldedName(name: string): string {
  return name.replaceAll('Σ', 'σ').replaceAll('İ', 'i').toLowerCase();
}

/** What a pattern with `*` and `?` fits; whatever their case where names fold. */
export function wildcards(pattern: string, fold = false): (text: string) => boolean {
  const cased = (text: string) => (fold ? foldedName(text) : text);
  const signs = cased(pattern)
    .split('')
    .map((char) => (char === '*' ? anyMany : char === '?' ? anyOne : char));
  return (text) => isLike(signs, cased(text));
}
