/** What speaks MySQL's protocol and is something else, by what its version says; the greeting has it before a login. */
const others: [RegExp, string][] = [
  [/tidb/i, 'TiDB'],
  [/planetscale/i, 'PlanetScale'],
  [/vitess/i, 'Vitess'],
  [/singlestore|memsql/i, 'SingleStore'],
  [/oceanbase/i, 'OceanBase'],
];

/** Why a server is refused that is neither MySQL nor MariaDB; null for one of these, as far as it says. */
export function notMysql(...says: string[]): string | null {
  for (const text of says) {
    const [, name] = others.find(([pattern]) => pattern.test(text)) ?? [];
    if (name !== undefined) {
      return `it is ${name} (${text}), not MySQL: its positions and its read-only sessions are not what they say, so nothing could be proved`;
    }
  }
  return null;
}

/** Of what names itself none of these, and has not what every MySQL has. */
export const unrecognised =
  'it is not recognised as MySQL or MariaDB, for it has no server_uuid: it could not be told from another';
