/**
 * The condition that finds a row by its key, for the source or the target. Every value is quoted: a bare number
 * against a text column would compare as numbers and find more rows than the one meant.
 */
export function whereClause(key: readonly { column: string; value: string | null }[]): string {
  const conditions = key.map(({ column, value }) => {
    const name = `\`${column.replaceAll('`', '``')}\``;
    return value === null ? `${name} IS NULL` : `${name} = '${escape(value)}'`;
  });
  return `WHERE ${conditions.join(' AND ')}`;
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll("'", "''");
}
