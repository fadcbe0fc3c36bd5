/** A quiet chart should look quiet: it takes a second of lag to fill the height. */
const leastTopMs = 1_000;

/** Thresholds this far above everything measured are named at the edge instead of flattening the line. */
const thresholdWithin = 4;

/** The upper end of the lag axis, which always begins at 0. */
export function lagTop(highest: number, thresholds: readonly number[]): number {
  const near = thresholds.filter((threshold) => threshold > 0 && threshold <= highest * thresholdWithin);
  return Math.max(leastTopMs, highest * 1.15, ...near.map((threshold) => threshold * 1.1));
}

const steps = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Round durations between 0 and `top`, about `wanted` of them. */
export function lagTicks(top: number, wanted: number): number[] {
  const step =
    steps.find((each) => top / each <= wanted) ?? Math.ceil(top / wanted / 86_400_000) * 86_400_000;
  const ticks: number[] = [];
  for (let tick = 0; tick <= top; tick += step) ticks.push(tick);
  return ticks;
}
