import type { Plan } from './plan.ts';
import type { Write } from './servers/transaction.ts';
import { Random } from './time/random.ts';
import { fleetingFrom, foreignFrom, type World } from './world.ts';

/** Fills the table, plants what is different from the beginning, and lets all go who do something. */
export function populate(world: World, random: Random): void {
  fill(world);
  for (let i = 0; i < world.plan.planted; i++) plant(world, random);
  for (const writer of world.plan.writers) write(world, writer, random.fork());
  disturb(world, random.fork());
}

function fill(world: World): void {
  const { quiet, busy } = world.plan.rows;
  for (let id = 1; id <= quiet + 2 * busy; id++) {
    world.source.table.write({ id, value: 0 });
    world.target.table.write({ id, value: 0 });
    world.divergence.onReplicated({ id, value: 0 }, 0);
  }
  const { keyless, unnamed, planted } = world.plan;
  for (const { table } of [world.source, world.target]) {
    table.keyless = keyless;
    table.unnamed = unnamed && !keyless ? 1 : null;
  }
  if (unnamed && planted > 0) world.target.writeHere([{ id: 1, value: 9 }], false);
}

/** One row that is other on the target: changed, gone, or there alone. Only rows that nobody writes may be gone. */
function plant({ plan, target }: World, random: Random): void {
  const { quiet, busy } = plan.rows;
  const write = random.pick<() => Write>([
    () => ({ id: 1 + random.below(quiet), value: null }),
    () => ({ id: foreignFrom + random.below(5), value: 7 }),
    () => ({ id: 1 + random.below(quiet), value: 1 + random.below(3) }),
    () => ({ id: 1 + random.below(quiet + busy), value: 1_000_000 + random.below(3) }),
  ])();
  target.writeHere([write], plan.logged);
}

/** Again and again, at moments that vary. */
function again(world: Pick<World, 'time'>, random: Random, everyMs: number, act: () => void): void {
  world.time.after(random.between(0, 2 * everyMs), () => {
    act();
    again(world, random, everyMs, act);
  });
}

function write(
  world: World,
  { everyMs, habit, domain, rows }: Plan['writers'][number],
  random: Random,
): void {
  const { plan, source } = world;
  const { quiet, busy, fleeting } = plan.rows;
  const change = (): Write => {
    if (habit === 'fleet') {
      const id = fleetingFrom + 10 * domain + random.below(fleeting);
      return { id, value: source.table.rows.has(id) ? null : random.below(3) };
    }
    // Writers in two domains never write one row: nothing would keep them in order.
    const mine = quiet + 1 + domain * busy + random.below(busy);
    const value = source.table.rows.get(mine) ?? 0;
    return { id: mine, value: habit === 'count' ? value + 1 : value === 1 ? 2 : 1 };
  };
  again(world, random, everyMs, () => {
    const writes = new Map<number, Write>();
    for (let i = 0; i < rows; i++) {
      const write = change();
      writes.set(write.id, write);
    }
    if (domain === 1 && plan.leavesOutDomain) writes.clear();
    const { chance, mostMs } = plan.waits;
    const hidden = random.chance(chance) ? random.between(0, mostMs) : random.between(0, 2 * plan.hiddenMs);
    source.commit([...writes.values()], hidden, domain);
  });
}

function disturb(world: World, random: Random): void {
  const { plan, links, source, target, time } = world;
  if (plan.stalls) {
    const { everyMs, mostMs } = plan.stalls;
    again(world, random.fork(), everyMs, () => {
      const link = random.pick([links.replica, links.replica, links.monitor.source, links.monitor.target]);
      link.stall(random.between(0, mostMs));
    });
  }
  if (plan.stops) {
    const { everyMs, mostMs } = plan.stops;
    again(world, random.fork(), everyMs, () => {
      target.stopApplier();
      time.after(random.between(0, mostMs), () => target.startApplier());
    });
  }
  if (plan.plantsEveryMs !== null) {
    const dice = random.fork();
    again(world, dice, plan.plantsEveryMs, () => plant(world, dice));
  }
  if (plan.otherSource) {
    let sequence = 1_000_000;
    again(world, random.fork(), plan.otherSource.everyMs, () => target.hearOther(3, 0, ++sequence));
  }
  if (plan.ddlEveryMs !== null) {
    let added = 0;
    again(world, random.fork(), plan.ddlEveryMs, () => {
      const columns = source.table.columns.length > 1 ? ['v'] : ['v', `x${++added}`];
      source.commit([], 0, 0, columns);
    });
  }
  if (plan.clockSteps) {
    const { everyMs, mostMs } = plan.clockSteps;
    again(world, random.fork(), everyMs, () => {
      const step = random.between(-mostMs, mostMs);
      random.pick([() => (source.clockOffMs = step), () => (target.clockOffMs = step)])();
    });
  }
  if (plan.breaks) {
    const { everyMs, mostMs } = plan.breaks;
    const { source, target } = world.monitored;
    const dice = new Random(everyMs + mostMs);
    again(world, dice, everyMs, () => dice.pick([source, target]).break(dice.between(0, mostMs)));
  }
  const { suspendedMs } = plan;
  if (suspendedMs !== null) time.after(random.between(500, 8000), () => time.suspend(suspendedMs));
  if (plan.freezes) {
    const { everyMs, mostMs } = plan.freezes;
    again(world, random.fork(), everyMs, () => time.freeze(random.between(0, mostMs)));
  }
}
