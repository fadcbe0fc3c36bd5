import { hourMinutes, type LagMinute } from '#lib/live/lag-hour.ts';

export interface SparklineShape {
  /** SVG paths; empty where there is nothing to draw. */
  line: string;
  band: string;
  /** The parts of the line over the threshold. */
  breach: string;
  /** Null when the threshold is so far above that showing it would flatten the line. */
  thresholdY: number | null;
}

interface Frame {
  now: number;
  width: number;
  height: number;
  thresholdMs: number;
}

const minuteMs = 60_000;
/** A quiet line should look quiet: it takes a second of lag to fill the height. */
const leastTopMs = 1_000;

/** The maximum of each minute as steps, with the room down to the minimum as a band; minutes unknown stay empty. */
export function sparkline(minutes: readonly LagMinute[], frame: Frame): SparklineShape {
  const { width, height, thresholdMs } = frame;
  const highest = minutes.reduce((most, minute) => Math.max(most, minute.max), 0);
  const shown = highest >= thresholdMs / 4;
  const top = Math.max(leastTopMs, highest * 1.15, shown ? thresholdMs * 1.15 : 0);
  const start = frame.now - hourMinutes * minuteMs;
  const x = (at: number) => clamp(((at - start) / (hourMinutes * minuteMs)) * width, width);
  const y = (ms: number) => height - 1 - (clamp(ms, top) / top) * (height - 3);

  let line = '';
  let band = '';
  let breach = '';
  let before: LagMinute | undefined;
  for (const minute of minutes) {
    const left = fixed(x(minute.at));
    const right = fixed(x(minute.at + minuteMs));
    const high = fixed(y(minute.max));
    const joined = before && before.at + minuteMs === minute.at;
    line += `${joined ? 'L' : 'M'}${left} ${high}H${right}`;
    band += `M${left} ${high}H${right}V${fixed(y(minute.min))}H${left}Z`;
    if (minute.max >= thresholdMs) breach += `M${left} ${high}H${right}`;
    before = minute;
  }
  return { line, band, breach, thresholdY: shown ? fixed(y(thresholdMs)) : null };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}

function fixed(value: number): number {
  return Math.round(value * 10) / 10;
}
