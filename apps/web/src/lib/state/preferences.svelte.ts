import type { Zone } from '#lib/format/instant.ts';

export type Theme = 'system' | 'light' | 'dark';

const THEME = 'lockstep.theme';
const ZONE = 'lockstep.zone';

/** What this browser was told to look like. */
class Preferences {
  theme = $state<Theme>(oneOf(read(THEME), ['system', 'light', 'dark']));
  zone = $state<Zone>(oneOf(read(ZONE), ['local', 'utc']));

  setTheme(theme: Theme): void {
    this.theme = theme;
    write(THEME, theme);
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }

  setZone(zone: Zone): void {
    this.zone = zone;
    write(ZONE, zone);
  }
}

export const preferences = new Preferences();

function oneOf<T extends string>(value: string | null, known: readonly [T, ...T[]]): T {
  return known.find((each) => each === value) ?? known[0];
}

// Storage may be switched off: then a preference lasts as long as the page.
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // See above.
  }
}
