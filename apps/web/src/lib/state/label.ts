import { byText } from '#lib/format/order.ts';
export interface Label {
  name: string;
  value: string;
}

export const labelText = ({ name, value }: Label): string => `${name}=${value}`;

/** How many have each label, as `env=prod`, by name and value. */
export function labelCounts(all: Iterable<{ labels: readonly Label[] }>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { labels } of all) {
    for (const label of labels) counts.set(labelText(label), (counts.get(labelText(label)) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => byText(a, b)));
}
