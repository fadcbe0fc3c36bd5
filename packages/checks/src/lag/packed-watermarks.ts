import type { Position } from '../position/position.ts';
import { madeOf, otherThan } from './other-than.ts';
import type { Watermark } from './watermark-ring.ts';

/** Between the fields of a position, and between positions; in neither of them. */
const betweenFields = '\u0000';
const betweenPositions = '\u0001';
/** A field that a position has not. */
const none = '\u0002';
/** In place of what is other in a field: nothing is; it is this watermark's first field once more. */
const asInFirst = '';
const asItsText = '=';

/**
 * Some watermarks, one after the other, in a small part of the memory that they take as they are: of each text only
 * what is other than in the first is kept, and all in one string. A position of a source changes in its last digits.
 */
export class PackedWatermarks {
  readonly length: number;
  readonly #kind: Position['kind'];
  readonly #first: string[];
  readonly #others: string;
  /** Of each: first received, last sent. */
  readonly #times: Float64Array;
  #unpacked: WeakRef<string[]> | null = null;

  /** At least one, all of one kind. */
  constructor(entries: readonly Watermark[]) {
    const [first] = entries;
    if (!first) throw new Error('there is nothing to pack');
    this.length = entries.length;
    this.#kind = first.position.kind;
    this.#first = fieldsOf(first.position);
    this.#times = new Float64Array(2 * entries.length);
    const others = entries.map(({ position, firstReceivedAt, lastSentAt }, index) => {
      this.#times[2 * index] = firstReceivedAt;
      this.#times[2 * index + 1] = lastSentAt;
      return fieldsOf(position)
        .map((field, place) => {
          const first = this.#first[place] ?? '';
          if (field === first) return asInFirst;
          return place > 0 && field === position.text ? asItsText : otherThan(first, field);
        })
        .join(betweenFields);
    });
    this.#others = others.join(betweenPositions);
  }

  at(index: number): Watermark {
    return {
      position: this.#position(index),
      firstReceivedAt: this.#times[2 * index] ?? 0,
      lastSentAt: this.#times[2 * index + 1] ?? 0,
    };
  }

  all(): Watermark[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index));
  }

  #position(index: number): Position {
    let others = this.#unpacked?.deref();
    if (!others) {
      others = this.#others.split(betweenPositions);
      // Bisection comes back to it at once; later nobody does.
      this.#unpacked = new WeakRef(others);
    }
    const fields: string[] = [];
    for (const [place, other] of (others[index] ?? '').split(betweenFields).entries()) {
      const first = this.#first[place] ?? '';
      fields.push(
        other === asInFirst ? first : other === asItsText ? (fields[0] ?? '') : madeOf(first, other),
      );
    }
    return positionOf(this.#kind, fields);
  }
}

function fieldsOf(position: Position): string[] {
  switch (position.kind) {
    case 'mysql-gtid':
      return [position.text, position.mode ?? none];
    case 'mariadb-gtid':
      return [
        position.text,
        position.own ?? none,
        position.state ?? none,
        position.written ?? none,
        position.unlogged ?? none,
      ];
    case 'galera':
      return [position.text, position.group, String(position.seqno)];
    case 'file':
      return [position.text, position.file, String(position.offset)];
  }
}

function positionOf(
  kind: Position['kind'],
  [text = '', second = none, third = none, fourth = none, fifth = none]: string[],
): Position {
  switch (kind) {
    case 'mysql-gtid':
      return { kind, text, ...(second !== none && { mode: second }) };
    case 'mariadb-gtid':
      return {
        kind,
        text,
        ...(second !== none && { own: second }),
        ...(third !== none && { state: third }),
        ...(fourth !== none && { written: fourth }),
        ...(fifth !== none && { unlogged: fifth }),
      };
    case 'galera':
      return { kind, text, group: second, seqno: BigInt(third) };
    case 'file':
      return { kind, text, file: second, offset: Number(third) };
  }
}
