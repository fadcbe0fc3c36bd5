import type { Colours } from './paint.ts';

/** The page's colours as a canvas understands them: resolved for the theme that is in force at `element`. */
export function coloursAt(element: HTMLElement): Colours {
  const names = {
    ink: '--ink',
    soft: '--ink-soft',
    line: '--line',
    surface: '--surface',
    warning: '--lagging-ink',
    critical: '--stopped-ink',
    warningFill: '--lagging',
    criticalFill: '--stopped',
  };
  // An element for each: on one that changes its colour, a transition would still answer with the old. All are there
  // before one is asked, or the page would be styled anew for each.
  const probes = Object.entries(names).map(([name, variable]) => {
    const probe = element.ownerDocument.createElement('span');
    probe.style.color = `var(${variable})`;
    return [name, probe] as const;
  });
  element.append(...probes.map(([, probe]) => probe));
  const colours = Object.fromEntries(probes.map(([name, probe]) => [name, getComputedStyle(probe).color]));
  for (const [, probe] of probes) probe.remove();
  return colours as unknown as Colours;
}
