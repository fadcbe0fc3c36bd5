/** Texts of so many characters, and as many of the time before, are remembered … */
const maxCharacters = 2 ** 21;
/** … of which each counts as so many more: what is parsed of a short one is far larger than its text. */
const perText = 2 ** 8;

/**
 * Parses each distinct text once: positions are compared again and again, rarely change, and parsing them is most of
 * the work. What is parsed is shared, so nobody may change it.
 */
export function remember<T>(parse: (text: string) => T): (text: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  let characters = 0;
  return (text) => {
    let parsed = young.get(text);
    if (parsed !== undefined) return parsed;
    parsed = old.get(text) ?? parse(text);
    if (characters > maxCharacters) {
      old = young;
      young = new Map();
      characters = 0;
    }
    young.set(text, parsed);
    characters += text.length + perText;
    return parsed;
  };
}
