/** How many pairs are named; of more only the number is told. */
const named = 3;

/** What there is to say where pairs came or went; null where none did. */
export function pairsCameOrWent({ added, removed }: { added: string[]; removed: string[] }): string | null {
  const parts = [
    added.length > 0 && `${listed(added)} ${added.length === 1 ? 'is' : 'are'} watched from now on`,
    removed.length > 0 && `${listed(removed)} ${removed.length === 1 ? 'is' : 'are'} not watched any more`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : `The configuration was changed: ${parts.join('; ')}.`;
}

function listed(names: string[]): string {
  return names.length > named ? `${names.length} pairs` : names.join(', ');
}
