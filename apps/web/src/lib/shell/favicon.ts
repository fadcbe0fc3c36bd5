/** The mark with the number of firing alerts on it, as an address; hollow while the link is lost. */
export function favicon(firing: number, live: boolean): string {
  const ground = live ? '#16181b' : '#7a8088';
  const badge =
    firing === 0
      ? ''
      : `<circle cx="22" cy="22" r="10" fill="#c22a22" stroke="#fff" stroke-width="1.5"/>` +
        `<text x="22" y="26.4" font-family="system-ui,sans-serif" font-size="${firing > 9 ? 11 : 13}" font-weight="700" fill="#fff" text-anchor="middle">${firing > 99 ? '99' : firing}</text>`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${ground}"/>` +
    `<g fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"><path d="M8 10.5 13.5 16 8 21.5"/><path d="M17.5 10.5 23 16l-5.5 5.5"/></g>${badge}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
