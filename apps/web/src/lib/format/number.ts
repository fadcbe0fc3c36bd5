/**
 * "1,234,567", the same in every browser's language. By hand: the first `Intl.NumberFormat` of a page takes a phone a
 * tenth of a second, in which it answers nobody.
 */
export function count(value: number | string): string {
  const whole = typeof value === 'string' ? BigInt(value) : Math.round(value);
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "1 table", "3 tables". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** "950 k", "1.2 M": for estimates, where more digits would be a claim. */
export function roughly(value: number | string): string {
  const number = Number(value);
  if (number < 1000) return count(number);
  if (number < 999_500) return `${significant(number / 1000)} k`;
  if (number < 999_500_000) return `${significant(number / 1_000_000)} M`;
  return `${significant(number / 1_000_000_000)} G`;
}

/** "12 KiB" */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let rest = value;
  let unit = 0;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(rest) : significant(rest)} ${units[unit] ?? ''}`;
}

/** "62 %"; never 100 before it is whole, never 0 once it has begun. */
export function percent(fraction: number): string {
  if (fraction <= 0) return '0 %';
  if (fraction >= 1) return '100 %';
  return `${Math.min(99, Math.max(1, Math.floor(fraction * 100)))} %`;
}

function significant(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
