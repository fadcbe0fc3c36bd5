import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import type { Definitions } from '../table/definitions.ts';

export interface Sent {
  source: SqlServer;
  target: SqlServer;
  definitions: Definitions | null;
  /** A foreign key of the table's takes over a new key of what it refers to. */
  cascades: boolean;
  /** The filter by which the target leaves the table out; null for none. */
  leftOut: string | null;
}

/**
 * Why what is written of a row does not make the target's what the source's is, with what mends it; null where it does.
 * Three things are sent that go on from what there is: a statement (`SET v = v + 1`), the part of a document that was
 * changed, and a new key, which the rows that refer to it take over on each server by themselves. And triggers of the
 * target's may make of a row what they will, or a filter of its channel nothing. What a session has set for itself
 * alone nobody tells.
 */
export function goesOnToDiffer(sent: Sent, options: QueryOptions): () => Promise<string | null> {
  let told: Promise<string | null> | null = null;
  return async () => {
    told ??= ask(sent, options);
    try {
      return await told;
    } catch (error) {
      told = null;
      throw error;
    }
  };
}

async function ask(sent: Sent, options: QueryOptions): Promise<string | null> {
  const { source, target, definitions, cascades, leftOut } = sent;
  if (leftOut !== null) {
    return `${target.name} leaves the table out (${leftOut}), and nothing that is written comes`;
  }
  const settings = await read(
    source,
    ['binlog_format', 'binlog_row_value_options', 'innodb_native_foreign_keys'],
    options,
  );
  const dependsOn = (what: string, mends: string) => `${what} depends on what it was; ${mends}`;
  const format = source.facts?.binlog ? settings.get('binlog_format') : undefined;
  if (format !== undefined && format !== 'ROW') {
    return dependsOn(
      `${source.name} sends statements, and what those make of a row`,
      'binlog_format = ROW there mends it',
    );
  }
  const hasDocuments = definitions?.source?.columns.some(({ dataType }) => dataType === 'json') === true;
  if (hasDocuments && settings.get('binlog_row_value_options')?.includes('PARTIAL_JSON') === true) {
    return dependsOn(
      `${source.name} sends of a document what was changed in it, and what that makes of one`,
      `binlog_row_value_options = '' there mends it`,
    );
  }
  if (cascades && logsNoCascades(source, settings)) {
    return dependsOn(
      'its foreign key is ON UPDATE CASCADE, which each server does by itself, and what that makes of a row',
      'what is written seldom is compared all the same',
    );
  }
  return target.facts?.flavour === 'mariadb' ? await runsTriggers(target, options) : null;
}

/** InnoDB does it without a word to the binary log; since 9.6 MySQL itself does, unless it is told not to. */
function logsNoCascades({ facts }: SqlServer, settings: ReadonlyMap<string, string>): boolean {
  return facts?.flavour !== 'mysql' || settings.get('innodb_native_foreign_keys') !== 'OFF';
}

/** Whether it has any nobody tells without a right of its own. */
async function runsTriggers(target: SqlServer, options: QueryOptions): Promise<string | null> {
  const name = 'slave_run_triggers_for_rbr';
  const value = (await read(target, [name], options)).get(name) ?? 'NO';
  if (value === 'NO') return null;
  return `triggers of ${target.name} may make another of each row that is sent; ${name} = NO there mends it`;
}

async function read(
  server: SqlServer,
  names: readonly string[],
  options: QueryOptions,
): Promise<Map<string, string>> {
  const list = names.map((name) => `'${name}'`).join(', ');
  const rows = await server.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${list})`,
    undefined,
    options,
  );
  return new Map(rows.map(({ Variable_name, Value }) => [String(Variable_name), String(Value)]));
}
