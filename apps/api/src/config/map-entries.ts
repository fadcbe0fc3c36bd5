import { isScalar, type Pair, type YAMLMap } from 'yaml';

/**
 * The entries of maps by their keys, each found at once: a file that is none of ours may have a hundred thousand, and
 * each is looked for.
 */
export class MapEntries {
  readonly #maps = new WeakMap<YAMLMap, Map<string, Pair>>();

  /** Of several with one key the last, which is the one that counts. */
  of(map: YAMLMap, key: string): Pair | undefined {
    let entries = this.#maps.get(map);
    if (!entries) {
      entries = new Map(map.items.map((item) => [keyText(item.key), item]));
      this.#maps.set(map, entries);
    }
    return entries.get(key);
  }
}

export const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);
