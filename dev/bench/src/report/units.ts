/** How figures are written: a number and its unit, with as many digits as mean something. */
export const milliseconds = (ms: number): string =>
  Number.isNaN(ms) ? 'none' : ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
export const seconds = (ms: number): string => (Number.isNaN(ms) ? 'none' : `${(ms / 1000).toFixed(2)} s`);
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
export const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
export const times = (ratio: number): string => (Number.isNaN(ratio) ? 'none' : `${ratio.toFixed(2)} ×`);
export const perSecond = (rate: number): string => `${rate.toFixed(rate < 10 ? 2 : 0)} /s`;
export const plain = (count: number): string => count.toLocaleString('en');
