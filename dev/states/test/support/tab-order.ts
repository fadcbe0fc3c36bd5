import type { Page } from 'playwright-core';

/** More than a screen has but for lists without end, of which what comes first is enough. */
const enough = 60;

/** What Tab leads to before its turn, or leaves out, a line each. */
export async function tabOrder(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    getSelection()?.removeAllRanges();
    scrollTo(0, 0);
  });
  let before = await page.evaluateHandle(() => document.body as Element);
  for (let i = 0; i < enough; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluateHandle(() => document.activeElement ?? document.body);
    const wrong = await page.evaluate(
      ([before, at]) => {
        if (at === document.body) return 'over';
        const follows = before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING;
        return follows ? null : `comes out of turn by Tab: ${at.outerHTML.slice(0, 160)}`;
      },
      [before, at] as const,
    );
    if (wrong === 'over') break;
    if (wrong) found.push(wrong);
    before = at;
  }
  return found;
}
