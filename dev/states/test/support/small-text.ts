import type { Page } from 'playwright-core';

const leastPx = 12;

/** Text that is smaller than anybody should have to read, a line for each size and what has it. */
export function smallText(page: Page): Promise<string[]> {
  return page.evaluate((leastPx) => {
    const found = new Set<string>();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!element?.checkVisibility() || !texts.currentNode.textContent?.trim()) continue;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < leastPx) found.add(`has text of ${size} px: ${element.outerHTML.slice(0, 160)}`);
    }
    return [...found];
  }, leastPx);
}
