import type { Browser } from 'playwright-core';
import { atMost, type Figure, plainFigure } from '../report/figure.ts';
import { kilobytes, plain } from '../report/units.ts';

const budgetBytes = 150 * 1024;
const patienceMs = 60_000;

/**
 * All that a browser without a cache is sent until the overview stands and is live, by gzip; what is asked for over the
 * WebSocket comes on top, as the browser counts it: unpacked.
 */
export async function measureFirstView(browser: Browser, address: string): Promise<Figure[]> {
  await using context = await browser.newContext({ extraHTTPHeaders: { 'accept-encoding': 'gzip' } });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  const kinds = new Map<string, string>();
  const bytes = new Map<string, number>();
  let frames = 0;
  devtools.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes.set(requestId, encodedDataLength);
  });
  devtools.on('Network.webSocketFrameReceived', ({ response }) => (frames += response.payloadData.length));
  await page.goto(address);
  await page.waitForSelector('main[data-live=true] [data-row]');
  const sum = (kind: string | null) =>
    [...bytes]
      .filter(([id]) => kind === null || kinds.get(id) === kind)
      .reduce((total, [, each]) => total + each, 0);
  return [
    atMost(`${plain(bytes.size)} answers, gzipped, with their heads`, sum(null), budgetBytes, kilobytes),
    plainFigure('  of this JavaScript', kilobytes(sum('Script'))),
    plainFigure('  style sheets', kilobytes(sum('Stylesheet'))),
    plainFigure('over the WebSocket, unpacked', kilobytes(frames)),
  ];
}
