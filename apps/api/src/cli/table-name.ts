import type { TableName } from '@lockstep/checks';
import { UsageError } from './io.ts';

const PART = /(?:`((?:[^`]|``)+)`|([^`.]+))/;
const NAME = new RegExp(`^${PART.source}\\.${PART.source}$`);

/** `schema.table`; a name with a dot or a backtick in it is quoted as in SQL: `` `a.b`.`c` ``. */
export function parseTableName(text: string): TableName {
  const match = NAME.exec(text);
  if (!match) {
    throw new UsageError(
      `--table ${text}: expected schema.table, with names that hold a dot in backticks: \`a.b\`.\`c\``,
    );
  }
  const [, quotedSchema, schema, quotedTable, table] = match;
  const unquote = (quoted: string | undefined) => quoted?.replaceAll('``', '`');
  return { schema: unquote(quotedSchema) ?? schema ?? '', table: unquote(quotedTable) ?? table ?? '' };
}
