import type { BrowserContext, Page } from 'playwright-core';

declare global {
  interface Window {
    shifts: { value: number; moved: string[] }[];
  }
}

interface LayoutShift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}

/** What a person does not see move: a tenth of what is still called good of a page. */
const unseen = 0.01;

/** Has every page of the context remember what moved in it, other than by what its user did. */
export async function watchShifts(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries() as LayoutShift[]) {
        if (hadRecentInput) continue;
        const moved = sources.map(({ node, previousRect: from, currentRect: to }) => {
          const element = node instanceof Element ? node : node?.parentElement;
          const told = element?.outerHTML.slice(0, 120).replace(/\s+/g, ' ') ?? 'what is gone';
          return `${told} from ${from.x},${from.y} to ${to.x},${to.y}`;
        });
        window.shifts.push({ value, moved });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** What moved since the page was opened, a line for each movement; nothing when all of it together is not seen. */
export async function shifts(page: Page): Promise<string[]> {
  const seen = await page.evaluate(() => window.shifts);
  const sum = seen.reduce((total, { value }) => total + value, 0);
  if (sum <= unseen) return [];
  return seen.map(({ value, moved }) => `moves by ${value.toFixed(3)}: ${moved.join(' · ')}`);
}
