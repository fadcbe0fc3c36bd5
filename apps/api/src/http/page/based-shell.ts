/**
 * The page's shell as it is for a base path: it is built for none, and what it loads lies elsewhere then. Where a
 * person comes past the proxy, by an address without the base path, the address is mended before the page reads it.
 */
export function basedShell(html: string, basePath: string): string {
  if (basePath === '') return html;
  const base = JSON.stringify(basePath);
  const mend =
    `if (!(location.pathname + "/").startsWith(${base} + "/")) ` +
    `history.replaceState(null, "", ${base} + location.pathname + location.search + location.hash);`;
  return html
    .replace(/(?<=["'])\/(?=_app\/|api\/|favicon\.)/g, () => `${basePath}/`)
    .replace(/(?<=\bbase: )""/, () => base)
    .replace('<head>', () => `<head><script>${mend}</script>`);
}
