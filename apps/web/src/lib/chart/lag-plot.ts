import uPlot from 'uplot';
import { roundDuration } from '#lib/format/duration.ts';
import { date, time, type Zone } from '#lib/format/instant.ts';
import { chartPicture } from './chart-picture.ts';
import type { LagSeries } from './lag-series.ts';
import { type Colours, paintLag, type Thresholds } from './paint.ts';
import { lagTicks, lagTop } from './scale.ts';

export interface LagPlotOptions {
  series: () => LagSeries;
  thresholds: () => Thresholds;
  /** When the pair's state changed; ms since 1970. */
  changes: () => readonly number[];
  zone: () => Zone;
  colours: () => Colours;
  /** The bin under the cursor, or null when there is none. */
  onPoint: (index: number | null) => void;
  /** A stretch was dragged over; ms since 1970. */
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  /** The plotting area changed; CSS pixels within the element. */
  onLayout: (area: { left: number; width: number }) => void;
}

const HEIGHT = 260;
/** The width of what is left of the plotting area. */
const axisPx = 62;
const font = '12px system-ui, sans-serif';

/** uPlot, wired for lag: axes, cursor and zoom are its own, the drawing is `paintLag`. */
export class LagPlot {
  readonly #plot: uPlot;
  readonly #options: LagPlotOptions;

  constructor(element: HTMLElement, options: LagPlotOptions) {
    this.#options = options;
    this.#plot = new uPlot(this.#config(element.clientWidth), [[], []], element);
    this.#plot.over.addEventListener('dblclick', options.onReset);
  }

  /** Shows from `from` to `to`, in ms since 1970. */
  draw(from: number, to: number): void {
    const series = this.#options.series();
    const { warningMs, criticalMs } = this.#options.thresholds();
    const top = lagTop(highest(series, from, to), [warningMs, criticalMs]);
    this.#plot.batch(() => {
      this.#plot.setData([series.x, series.avg], false);
      this.#plot.setScale('x', { min: from / 1000, max: to / 1000 });
      this.#plot.setScale('y', { min: 0, max: top });
    });
  }

  resize(width: number): void {
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }

  /** Colours or time zone changed. */
  redraw(): void {
    this.#plot.redraw(false, true);
  }

  /** Puts the cursor on a bin, for the keyboard. */
  point(index: number | null): void {
    const x = index === null ? undefined : this.#options.series().x[index];
    const left = x === undefined ? -10 : this.#plot.valToPos(x, 'x');
    this.#plot.setCursor({ left, top: x === undefined ? -10 : 0 });
  }

  /** What is shown now, as a PNG file. */
  picture(title: string, subtitle: string): Promise<Blob> {
    const { ink, soft, surface } = this.#options.colours();
    return chartPicture(this.#plot.ctx.canvas, { title, subtitle, ink, soft, surface });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #config(width: number): uPlot.Options {
    const { colours, zone, series, thresholds, changes, onPoint, onZoom, onLayout } = this.#options;
    return {
      width,
      height: HEIGHT,
      padding: [10, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { show: false } },
      scales: { x: { time: true, auto: false }, y: { auto: false, range: (_, min, max) => [min, max] } },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [
        {
          stroke: () => colours().soft,
          grid: { show: false },
          ticks: { stroke: () => colours().line, width: 1, size: 4 },
          font,
          size: 34,
          space: 80,
          values: (plot, splits) => {
            const seconds = (plot.scales['x']?.max ?? 0) - (plot.scales['x']?.min ?? 0);
            return uncut(plot, splits, timeLabels(splits, seconds, zone()));
          },
        },
        {
          stroke: () => colours().soft,
          grid: { stroke: () => colours().line, width: 1 },
          ticks: { show: false },
          font,
          size: axisPx,
          splits: (_plot, _axis, _min, max) => lagTicks(max, 5),
          values: (_plot, splits) => splits.map((split) => roundDuration(split)),
        },
      ],
      hooks: {
        draw: [(plot) => paintLag(plot, series(), thresholds(), changes(), colours())],
        setCursor: [
          (plot) => {
            const { idx, left } = plot.cursor;
            onPoint(idx === null || idx === undefined || (left ?? -1) < 0 ? null : idx);
          },
        ],
        setSelect: [
          (plot) => {
            const { left, width: dragged } = plot.select;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            if (dragged < 4) return;
            onZoom(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + dragged, 'x') * 1000);
          },
        ],
        drawAxes: [
          (plot) =>
            onLayout({ left: plot.bbox.left / devicePixelRatio, width: plot.bbox.width / devicePixelRatio }),
        ],
      },
    };
  }
}

function highest(series: LagSeries, from: number, to: number): number {
  let most = 0;
  for (let i = series.length - 1; i >= 0; i -= 1) {
    const bin = series.at(i);
    if (bin.to < from) break;
    if (bin.from <= to) most = Math.max(most, bin.max);
  }
  return most;
}

/** Days where days go by, else times; seconds only where a label needs them. */
function timeLabels(splits: number[], seconds: number, zone: Zone): string[] {
  const apart = (splits[1] ?? Infinity) - (splits[0] ?? 0);
  return splits.map((split) => {
    const instant = new Date(split * 1000);
    if (seconds > 3 * 86_400) return date(instant, zone).slice(5);
    const clock = time(instant, zone);
    if (seconds > 86_400) return `${date(instant, zone).slice(5)} ${clock.slice(0, 5)}`;
    return apart < 60 ? clock : clock.slice(0, 5);
  });
}

/** A label that would reach beyond the picture is none, since a time of which a part is cut off reads as another. */
function uncut(plot: uPlot, splits: number[], labels: string[]): string[] {
  const { ctx, width } = plot;
  ctx.save();
  ctx.font = font;
  const whole = labels.map((label, i) => {
    const middle = axisPx + plot.valToPos(splits[i] ?? 0, 'x');
    return middle + ctx.measureText(label).width / 2 <= width ? label : '';
  });
  ctx.restore();
  return whole;
}
