/** The page's shell as it is sent for the paths of one screen. */
interface ScreenShell {
  pattern: RegExp;
  html: string;
}

/**
 * The shell for each screen: it names the screen's code in its head, which the browser would otherwise learn of only
 * when the router has run. `screens`: as the build wrote it, JSON of files by the path of a route.
 */
export function screenShells(html: string, screens: string, basePath: string): ScreenShell[] {
  return Object.entries(JSON.parse(screens) as Record<string, string[]>).map(([route, files]) => {
    const links = files
      .map((file) => `${basePath}/${file}`)
      .filter((href) => !html.includes(`"${href}"`))
      .map((href) => `<link href="${href}" rel="modulepreload">`);
    return { pattern: patternOf(route), html: html.replace('</head>', () => `${links.join('')}</head>`) };
  });
}

/** Of a route with parameters, as in `pairs/[pair]`. */
function patternOf(route: string): RegExp {
  const segments = route.split('/').map((segment) => (segment.startsWith('[') ? '[^/]+' : segment));
  return new RegExp(`^/${segments.join('/')}/?$`);
}
