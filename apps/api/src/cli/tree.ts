/** A tree of text: each name under what it comes from; what comes back to where it was is said once more, and ended. */
export function tree(
  names: readonly string[],
  links: readonly { source: string; target: string }[],
  describe: (name: string, from: string | null) => string,
): string[] {
  const drawn = new Set<string>();
  const below = (name: string) => links.filter(({ source }) => source === name).map(({ target }) => target);

  function draw(name: string, from: string | null, head: string, indent: string): string[] {
    if (drawn.has(name)) return [`${head}${describe(name, from)}  (see above)`];
    drawn.add(name);
    const children = below(name);
    return [
      `${head}${describe(name, from)}`,
      ...children.flatMap((child, index) => {
        const last = index === children.length - 1;
        return draw(child, name, `${indent}${last ? '└─ ' : '├─ '}`, `${indent}${last ? '   ' : '│  '}`);
      }),
    ];
  }

  const roots = names.filter((name) => !links.some(({ target }) => target === name));
  // In a ring nobody is the first.
  const lines = roots.flatMap((name) => draw(name, null, '', ''));
  for (const name of names) if (!drawn.has(name)) lines.push(...draw(name, null, '', ''));
  return lines;
}
