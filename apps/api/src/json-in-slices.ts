import { turns } from './turns.ts';

/** What is turned into text in one go, by `weigh`: under a millisecond. */
const light = 4_000;
/** Characters of a string that weigh as much as a value. */
const perValue = 64;

/** Whether it takes long enough to turn this into JSON that it must not be done in one go. */
export function isHeavy(value: unknown): boolean {
  return weigh(value, light) > light;
}

/**
 * JSON.stringify, giving way to everything else between two pieces. Null where it comes to more than `most` characters,
 * which is noticed before the rest is made. `rest`: waits for another turn.
 */
export async function jsonInSlices(
  value: unknown,
  most: number,
  rest: () => Promise<void> = () => turns.next(),
): Promise<string | null> {
  const pieces: string[] = [];
  let length = 0;
  for (const piece of piecesOf(value)) {
    pieces.push(piece);
    length += piece.length;
    if (length > most) return null;
    if (turns.exhausted()) await rest();
  }
  return pieces.join('');
}

function* piecesOf(value: unknown): Generator<string> {
  if (!isContainer(value) || !isHeavy(value)) yield JSON.stringify(value) ?? 'null';
  else if (Array.isArray(value)) {
    yield '[';
    yield* itemsOf(value);
    yield ']';
  } else {
    let before = '{';
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined || typeof member === 'function') continue;
      yield `${before}${JSON.stringify(name)}:`;
      yield* piecesOf(member);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  }
}

/** As many at a time as are light together. */
function* itemsOf(items: readonly unknown[]): Generator<string> {
  let gathered: unknown[] = [];
  let weight = 0;
  let comma = '';
  const together = () => `${comma}${JSON.stringify(gathered).slice(1, -1)}`;
  for (const item of items) {
    const own = weigh(item, light);
    if (weight + own > light && gathered.length > 0) {
      yield together();
      [gathered, weight, comma] = [[], 0, ','];
    }
    if (own > light) {
      yield comma;
      yield* piecesOf(item);
      comma = ',';
    } else {
      gathered.push(item);
      weight += own;
    }
  }
  if (gathered.length > 0) yield together();
}

/** How many values there are, of long strings more; not reckoned on once that is more than `most`. */
function weigh(value: unknown, most: number): number {
  if (typeof value === 'string') return 1 + value.length / perValue;
  if (!isContainer(value)) return 1;
  let sum = 1;
  for (const key in value) {
    sum += weigh(value[key], most - sum);
    if (sum > most) break;
  }
  return sum;
}

/** What JSON writes as a list or an object; what says itself how it is written is one value. */
function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !('toJSON' in value);
}
