import type { Page } from 'playwright-core';

/** What can be reached by Tab or pressed. */
export const controls = 'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';
/** WCAG 2.2, 2.5.8. */
const targetPx = 24;

/** What does not fit into the window as it is now, or is out of reach there, a line each. */
export function misfits(page: Page): Promise<string[]> {
  return page.evaluate(
    ({ controls, targetPx }) => {
      const told = (element: Element) => element.outerHTML.slice(0, 160).replace(/\s+/g, ' ');
      const found: string[] = [];

      const beyond = document.documentElement.scrollWidth - innerWidth;
      if (beyond > 0) found.push(`scrolls sideways by ${beyond} px`);

      const titles = [...document.querySelectorAll('h1')].filter((title) => title.checkVisibility());
      if (titles.length !== 1) found.push(`has ${titles.length} titles`);

      for (const element of document.querySelectorAll<HTMLElement>(controls)) {
        if (element.tabIndex > 0) found.push(`comes before its turn by Tab: ${told(element)}`);
        if (!element.checkVisibility({ visibilityProperty: true })) continue;
        // A link within a sentence is as high as the sentence; what is there for screen readers only, nowhere.
        const { display, clipPath } = getComputedStyle(element);
        if (display === 'inline' || clipPath !== 'none') continue;
        // Spread over the whole of its row.
        if (getComputedStyle(element, '::before').position === 'absolute') continue;
        const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
        if (width <= 1 || (width >= targetPx && height >= targetPx)) continue;
        found.push(`is ${Math.round(width)} × ${Math.round(height)} px: ${told(element)}`);
      }

      for (const element of document.querySelectorAll('body *')) {
        if (getComputedStyle(element).cursor !== 'pointer') continue;
        if (!element.closest(`${controls}, label`)) {
          found.push(`is clicked, but not by keys: ${told(element)}`);
        }
      }
      return found;
    },
    { controls, targetPx },
  );
}

/** What does not show that it has the focus, or lies under something else when it has it, a line each. */
export async function unseenFocus(page: Page): Promise<string[]> {
  // From here on the browser takes it for somebody who uses keys.
  await page.keyboard.press('Tab');
  return page.evaluate((controls) => {
    const told = (element: Element) => element.outerHTML.slice(0, 160).replace(/\s+/g, ' ');
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>(controls)) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      element.focus();
      if (document.activeElement !== element) {
        found.push(`takes no focus: ${told(element)}`);
        continue;
      }
      const outlined = [null, '::before'].some((part) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
      });
      if (!outlined) {
        found.push(`does not show the focus: ${told(element)}`);
      }
      const { left, top, right, bottom } = element.getClientRects()[0] ?? element.getBoundingClientRect();
      // Of what is larger than the window, the part within it.
      const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
      const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
      const at = right > 0 && bottom > 0 ? document.elementFromPoint(x, y) : null;
      const shown =
        at && (element.contains(at) || at.contains(element) || element.closest('label')?.contains(at));
      if (!shown) found.push(`has the focus unseen: ${told(element)} under ${at ? told(at) : 'the edge'}`);
    }
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
    return found;
  }, controls);
}
