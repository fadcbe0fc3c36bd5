import type { Colours } from './paint.ts';

/** The page's colours as a canvas understands them: resolved for the theme that is in force at `element`. */
export function coloursAt(element: HTMLElement): Colours {
  const probe = element.ownerDocument.createElement('span');
  element.append(probe);
  const resolve = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ink: resolve('--ink'),
    soft: resolve('--ink-soft'),
    line: resolve('--line'),
    surface: resolve('--surface'),
    warning: resolve('--lagging-ink'),
    critical: resolve('--stopped-ink'),
  };
  probe.remove();
  return colours;
}
