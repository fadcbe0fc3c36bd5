import type { Colours } from './paint.ts';

/** The page's colours as a canvas understands them: resolved for the theme that is in force at `element`. */
export function coloursAt(element: HTMLElement): Colours {
  // An element for each: on one that changes its colour, a transition would still answer with the old.
  const resolve = (name: string) => {
    const probe = element.ownerDocument.createElement('span');
    probe.style.color = `var(${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  return {
    ink: resolve('--ink'),
    soft: resolve('--ink-soft'),
    line: resolve('--line'),
    surface: resolve('--surface'),
    warning: resolve('--lagging-ink'),
    critical: resolve('--stopped-ink'),
    warningFill: resolve('--lagging'),
    criticalFill: resolve('--stopped'),
  };
}
