import type { Plugin } from 'vite';

/** What uPlot makes of the browser's language as it is loaded, and what is as good for a chart that writes itself. */
const replaced = [
  ["new Intl.NumberFormat(domEnv ? nav.language : 'en-US')", '{ format: String }'],
  ['new Intl.DateTimeFormat().resolvedOptions().timeZone', 'undefined'],
] as const;

/**
 * uPlot prepares to write numbers and times in the browser's language, which takes a phone a tenth of a second. The
 * lag's chart writes its axes itself.
 */
export function uplotWithoutLocales(): Plugin {
  return {
    name: 'uplot-without-locales',
    transform: {
      filter: { id: /\/uplot\/dist\/uPlot\.esm\.js/ },
      handler(code) {
        let lean = code;
        for (const [text, instead] of replaced) {
          if (!lean.includes(text)) throw new Error(`uPlot does not have ${text} any more`);
          lean = lean.replace(text, instead);
        }
        return { code: lean, map: null };
      },
    },
  };
}
