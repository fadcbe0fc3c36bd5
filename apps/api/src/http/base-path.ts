/**
 * The address of a request below the base path, e.g. `/alerts` of `/lockstep/alerts`. Some proxies take the base path
 * away before they pass a request on, and probes come past the proxy: what is not below it stays as it is.
 */
export function belowBase(url: string, basePath: string): string {
  if (!url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}
