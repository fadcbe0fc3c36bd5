import '../../src/app.css';
import { afterEach, expect, test } from 'vitest';
import { LagPlot, type LagPlotOptions } from '#lib/chart/lag-plot.ts';
import { LagSeries } from '#lib/chart/lag-series.ts';

const T = Date.parse('2026-11-23T14:00:00Z');
let plot: LagPlot | undefined;
let element: HTMLElement | undefined;

afterEach(() => {
  plot?.destroy();
  element?.remove();
});

/** Draws 100 s; each second of `known` has a lag of half a second. */
function draw(known: (second: number) => boolean, options: Partial<LagPlotOptions> = {}): HTMLElement {
  const series = new LagSeries(1000);
  for (let second = 0; second < 100; second += 1) series.add(T + second * 1000, known(second) ? 500 : null);
  const host = document.body.appendChild(document.createElement('div'));
  host.style.width = '800px';
  element = host;
  plot = new LagPlot(host, {
    series: () => series,
    thresholds: () => ({ warningMs: 10_000, criticalMs: 60_000 }),
    changes: () => [],
    zone: () => 'utc',
    colours: () => ({
      ink: 'rgb(255, 0, 0)',
      soft: '#888',
      line: '#888',
      surface: '#fff',
      warning: '#888',
      critical: '#888',
      warningFill: '#888',
      criticalFill: '#888',
    }),
    onPoint: () => undefined,
    onZoom: () => undefined,
    onReset: () => undefined,
    onLayout: () => undefined,
    ...options,
  });
  plot.draw(T, T + 100_000);
  return host;
}

/** Whether anything of the line is drawn at that second. */
function inked(host: HTMLElement, second: number): boolean {
  const canvas = host.querySelector('canvas');
  const over = host.querySelector<HTMLElement>('.u-over');
  if (!canvas || !over) throw new Error('nothing was drawn');
  const x = (over.offsetLeft + (second / 100) * over.offsetWidth) * devicePixelRatio;
  const column = canvas.getContext('2d')?.getImageData(Math.round(x), 0, 1, canvas.height).data ?? [];
  for (let i = 0; i < column.length; i += 4) {
    if ((column[i] ?? 0) > 200 && (column[i + 1] ?? 255) < 60 && (column[i + 3] ?? 0) > 100) return true;
  }
  return false;
}

test('nothing is drawn where nothing was known', async () => {
  const host = draw((second) => second < 30 || second >= 60);
  await expect.poll(() => inked(host, 15)).toBe(true);
  expect([20, 45, 58, 75].map((second) => inked(host, second))).toEqual([true, false, false, true]);
});

test('no time is cut off at the edge', async () => {
  const host = draw(() => true);
  const canvas = host.querySelector('canvas');
  const inkAtEdge = () =>
    canvas
      ?.getContext('2d')
      ?.getImageData(canvas.width - 1, 0, 1, canvas.height)
      .data.some((part) => part > 0);
  const cut: number[] = [];
  for (let second = 60; second < 121; second += 1) {
    plot?.draw(T, T + second * 1000);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    if (inkAtEdge() !== false) cut.push(second);
  }
  expect(cut).toEqual([]);
});

test('the arrow keys’ cursor reads a bin', async () => {
  const points: (number | null)[] = [];
  draw(() => true, { onPoint: (index) => points.push(index) });
  plot?.point(42);
  await expect.poll(() => points.at(-1)).toBe(42);
});

test('a change of state is marked where it happened', async () => {
  const host = draw(() => false, {
    changes: () => [T + 40_000],
    colours: () => ({
      ink: '#888',
      soft: 'rgb(255, 0, 0)',
      line: '#888',
      surface: '#fff',
      warning: '#888',
      critical: '#888',
      warningFill: '#888',
      criticalFill: '#888',
    }),
  });
  const marked = () => reddish(host, 40);
  await expect.poll(marked).toBe(true);
  expect([10, 39, 41, 70].map((second) => reddish(host, second))).toEqual([false, false, false, false]);
});

/** As `inked`, within the plotting area, and for what is drawn faintly. */
function reddish(host: HTMLElement, second: number): boolean {
  const canvas = host.querySelector('canvas');
  const over = host.querySelector<HTMLElement>('.u-over');
  if (!canvas || !over) throw new Error('nothing was drawn');
  const x = Math.round((over.offsetLeft + (second / 100) * over.offsetWidth) * devicePixelRatio);
  const height = over.offsetHeight * devicePixelRatio;
  const { data } = canvas.getContext('2d')?.getImageData(x - 1, over.offsetTop, 3, height) ?? { data: [] };
  for (let i = 0; i < data.length; i += 4) {
    if ((data[i] ?? 0) > 200 && (data[i + 1] ?? 255) < 60 && (data[i + 3] ?? 0) > 40) return true;
  }
  return false;
}
