import type uPlot from 'uplot';
import type { LagSeries } from './lag-series.ts';

export interface Colours {
  ink: string;
  soft: string;
  line: string;
  surface: string;
  /** For lines and words. */
  warning: string;
  critical: string;
  /** For areas. */
  warningFill: string;
  criticalFill: string;
}

export interface Thresholds {
  warningMs: number;
  criticalMs: number;
}

const wordPx = 12;

/**
 * Draws the lag of `series` into the plot, with the marks it is judged by, and a thin line wherever the pair's state
 * changed (`changes`, ms since 1970). uPlot itself draws axes and cursor only.
 */
export function paintLag(
  plot: uPlot,
  series: LagSeries,
  thresholds: Thresholds,
  changes: readonly number[],
  colours: Colours,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();

  for (const at of changes) stateChange(plot, at, colours.soft);
  const [first, last] = visible(plot, series);
  if (first <= last) {
    const shape = paths(plot, series, first, last);
    ctx.globalAlpha = 0.16;
    ctx.fillStyle = colours.ink;
    ctx.fill(shape.band);
    ctx.globalAlpha = 1;
    shadeBreach(plot, shape.area, thresholds.warningMs, thresholds.criticalMs, colours.warningFill);
    shadeBreach(plot, shape.area, thresholds.criticalMs, Infinity, colours.criticalFill);
    ctx.strokeStyle = colours.ink;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.lineJoin = 'round';
    ctx.stroke(shape.line);
  }
  const wordEnd = threshold(plot, thresholds.criticalMs, 'critical', colours.critical);
  const near = between(plot, thresholds) < 1.5 * wordPx;
  threshold(plot, thresholds.warningMs, 'warning', colours.warning, near ? wordEnd : 0);
  ctx.restore();
}

/** The bins that touch the shown stretch, as indices; the second is below the first when there are none. */
function visible(plot: uPlot, series: LagSeries): [number, number] {
  const { min, max } = plot.scales['x'] ?? {};
  if (min === undefined || max === undefined) return [0, -1];
  const x = series.x;
  let first = 0;
  while (first < x.length && (x[first] ?? 0) * 1000 + series.binMs < min * 1000) first += 1;
  let last = x.length - 1;
  while (last >= first && (x[last] ?? 0) > max) last -= 1;
  return [first, last];
}

/** Steps through the averages; nothing is drawn where nothing was known. */
function paths(plot: uPlot, series: LagSeries, first: number, last: number) {
  const line = new Path2D();
  const area = new Path2D();
  const band = new Path2D();
  const px = (ms: number) => plot.valToPos(ms / 1000, 'x', true);
  const py = (ms: number) => plot.valToPos(ms, 'y', true);
  const ground = py(0);
  for (let i = first; i <= last; i += 1) {
    const bin = series.at(i);
    const joined = i > first && !series.gapBefore(i);
    const next = i < last && !series.gapBefore(i + 1) ? series.at(i + 1).from : bin.to;
    const left = px(bin.from);
    // A bin of one sample still deserves a mark that can be seen.
    const right = Math.max(px(next), left + 1);
    const y = py(bin.avg);
    if (joined) line.lineTo(left, y);
    else line.moveTo(left, y);
    line.lineTo(right, y);
    area.rect(left, y, right - left, ground - y);
    if (bin.max > bin.min) band.rect(left, py(bin.max), right - left, py(bin.min) - py(bin.max));
  }
  return { line, area, band };
}

/** Fills what of the area lies between two values. */
function shadeBreach(plot: uPlot, area: Path2D, from: number, to: number, colour: string): void {
  const { ctx, bbox } = plot;
  const top = Math.max(bbox.top, to === Infinity ? bbox.top : plot.valToPos(to, 'y', true));
  const bottom = plot.valToPos(from, 'y', true);
  if (bottom <= top) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, top, bbox.width, bottom - top);
  ctx.clip();
  ctx.globalAlpha = 0.32;
  ctx.fillStyle = colour;
  ctx.fill(area);
  ctx.restore();
}

function stateChange(plot: uPlot, at: number, colour: string): void {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(at / 1000, 'x', true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.globalAlpha = 0.45;
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** How far the two lines are apart, in pixels. */
function between(plot: uPlot, { warningMs, criticalMs }: Thresholds): number {
  const apart = plot.valToPos(warningMs, 'y', true) - plot.valToPos(criticalMs, 'y', true);
  return apart / devicePixelRatio;
}

/** A line with its name above it, `indent` pixels from its start. Returns where its name ends, 0 without one. */
function threshold(plot: uPlot, value: number, name: string, colour: string, indent = 0): number {
  const { ctx, bbox } = plot;
  const top = plot.scales['y']?.max ?? 0;
  if (value > top) return 0;
  const y = Math.round(plot.valToPos(value, 'y', true));
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = colour;
  ctx.font = `${wordPx * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillText(name, bbox.left + (indent + 6) * devicePixelRatio, y - 3 * devicePixelRatio);
  return indent + 6 + ctx.measureText(name).width / devicePixelRatio;
}
