import type { PositionKind } from './engine.ts';
import type { Random } from './time/random.ts';

/** What kind of world a seed makes; latencies in ms. */
export interface Plan {
  flavour: 'mysql' | 'mariadb';
  kind: PositionKind;
  /** Rows that nobody writes, rows that writers share, and keys that come and go. */
  rows: { quiet: number; busy: number; fleeting: number };
  keyless: boolean;
  /** The first row is not found by its key as it is printed, on either side; it is one of those planted, if any. */
  unnamed: boolean;
  writers: { everyMs: number; habit: Habit; domain: number; rows: number }[];
  /** How long a commit is hidden from readers, usually and where it waits for another replica. */
  hiddenMs: number;
  waits: { chance: number; mostMs: number };
  monitorLink: { usualMs: number; mostMs: number };
  replicaLink: { usualMs: number; mostMs: number };
  stalls: { everyMs: number; mostMs: number } | null;
  workers: number;
  keepsOrder: boolean;
  delayMs: number;
  applyMs: { usual: number; most: number };
  /** The applier is stopped now and then. */
  stops: { everyMs: number; mostMs: number } | null;
  /** Rows that are different from the beginning; and whether they are written under a GTID of the target. */
  planted: number;
  logged: boolean;
  /** Differences that come and go while it is looked. */
  plantsEveryMs: number | null;
  /** Another source of the target writes into the same domain (MariaDB). */
  otherSource: { everyMs: number } | null;
  ddlEveryMs: number | null;
  /** A server's clock steps by so much. */
  clockSteps: { everyMs: number; mostMs: number } | null;
  /** The monitor gets no processor for a while. */
  freezes: { everyMs: number; mostMs: number } | null;
  /** The monitor's machine is suspended once, for so long: its monotonic clock stands still meanwhile. */
  suspendedMs: number | null;
  /** The target leaves out MariaDB's domain 1, in which then only other tables are written. */
  leavesOutDomain: boolean;
  /** The monitor's connections to a server break, and cannot be made for a while. */
  breaks: { everyMs: number; mostMs: number } | null;
  chunkRows: number;
  waitMs: number;
  /** From here on a lag is too much. */
  warningMs: number;
}

/** `count`: goes up; `toggle`: to and fro between two contents; `fleet`: inserts and deletes. */
export type Habit = 'count' | 'toggle' | 'fleet';

/** `more`: the dice for what came to the world later, so that a seed keeps the rest of its history. */
export function planOf(random: Random, more: Random): Plan {
  const plan = anyPlan(random);
  if (more.chance(0.12)) plan.breaks = { everyMs: 5000, mostMs: more.pick([300, 3000, 8000]) };
  // A replica that can never keep up is worth a look, but only one: nothing is proved of it.
  const load = plan.writers.reduce((sum, { everyMs }) => sum + (1.5 * plan.applyMs.usual) / everyMs, 0);
  const tooMuch = load / plan.workers / 0.6;
  if (tooMuch > 1 && !random.chance(0.1)) plan.applyMs.usual /= tooMuch;
  return plan;
}

function anyPlan(random: Random): Plan {
  const flavour = random.pick(['mysql', 'mariadb'] as const);
  const kind = random.chance(0.75) ? (`${flavour}-gtid` as const) : 'file';
  const often = <T>(probability: number, make: () => T): T | null =>
    random.chance(probability) ? make() : null;
  const hurried = random.chance(0.3);
  return {
    flavour,
    kind,
    rows: { quiet: 4 + random.below(20), busy: 1 + random.below(12), fleeting: 1 + random.below(8) },
    keyless: random.chance(0.15),
    unnamed: random.chance(0.1),
    writers: Array.from({ length: random.pick([0, 1, 1, 2, 3, 4]) }, () => ({
      everyMs: random.pick([15, 40, 120, 400, 2000]),
      habit: random.pick(['count', 'toggle', 'fleet'] as const),
      domain: flavour === 'mariadb' && random.chance(0.3) ? 1 : 0,
      rows: random.pick([1, 1, 2, 3]),
    })),
    hiddenMs: random.pick([0.2, 1, 4]),
    waits: random.chance(0.4)
      ? { chance: random.pick([0.02, 0.2, 1]), mostMs: random.pick([60, 500, 4000]) }
      : { chance: 0, mostMs: 0 },
    monitorLink: random.pick([
      { usualMs: 0.3, mostMs: 5 },
      { usualMs: 2, mostMs: 60 },
      { usualMs: 15, mostMs: 800 },
    ]),
    replicaLink: random.pick([
      { usualMs: 0.5, mostMs: 20 },
      { usualMs: 10, mostMs: 500 },
      { usualMs: 80, mostMs: 3000 },
    ]),
    stalls: often(0.25, () => ({ everyMs: 3000, mostMs: random.pick([400, 3000]) })),
    workers: random.pick([1, 2, 4, 8]),
    keepsOrder: random.chance(0.6),
    delayMs: random.chance(0.1) ? 1000 : 0,
    applyMs: hurried
      ? { usual: 0.5, most: 20 }
      : { usual: random.pick([2, 10]), most: random.pick([50, 1500]) },
    stops: often(0.15, () => ({ everyMs: 4000, mostMs: random.pick([500, 3000]) })),
    planted: random.chance(0.5) ? 0 : 1 + random.below(3),
    logged: random.chance(0.5),
    plantsEveryMs: often(0.1, () => 1500),
    otherSource: flavour === 'mariadb' ? often(0.1, () => ({ everyMs: random.pick([20, 300]) })) : null,
    ddlEveryMs: often(0.15, () => random.pick([400, 3000, 3000])),
    clockSteps: often(0.1, () => ({ everyMs: 2000, mostMs: 3_600_000 })),
    freezes: often(0.15, () => ({ everyMs: 2500, mostMs: random.pick([300, 4000]) })),
    suspendedMs: often(0.08, () => random.pick([2000, 20_000])),
    leavesOutDomain: flavour === 'mariadb' && random.chance(0.15),
    breaks: null,
    chunkRows: random.pick([3, 10, 50, 1000]),
    waitMs: random.pick([1500, 10_000]),
    warningMs: random.pick([500, 1500, 5000]),
  };
}
