import { goto } from '$app/navigation';
import { resolve } from '$app/paths';

const places = { o: '/', t: '/topology', a: '/alerts', s: '/settings' } as const;

/** How long a `g` waits for the letter that says where to. */
const chordMs = 1_000;

/** The page's keys. Returns what takes them away again. */
export function listenForKeys(showHelp: () => void): () => void {
  let chordUntil = 0;

  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    if (performance.now() < chordUntil) {
      chordUntil = 0;
      const place = places[event.key as keyof typeof places];
      if (place) {
        event.preventDefault();
        void goto(resolve(place));
        return;
      }
    }
    switch (event.key) {
      case 'g':
        chordUntil = performance.now() + chordMs;
        return;
      case '/':
        event.preventDefault();
        document.querySelector<HTMLInputElement>('[data-filter]')?.focus();
        return;
      case '?':
        event.preventDefault();
        showHelp();
        return;
      case 'j':
      case 'k':
        event.preventDefault();
        moveRow(event.key === 'j' ? 1 : -1);
        return;
    }
  }

  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

/** Rows are told by a link or button of theirs that carries `data-row`; Enter is then the browser's own. */
function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')].filter((row) =>
    row.checkVisibility(),
  );
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at === -1 ? firstInView(rows, by) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
}

/** Where nothing is focused yet, one begins with what one sees. */
function firstInView(rows: readonly HTMLElement[], by: 1 | -1): number {
  const top = document.querySelector('header')?.getBoundingClientRect().bottom ?? 0;
  const isSeen = (row: HTMLElement) => {
    const { top: upper, bottom: lower } = row.getBoundingClientRect();
    return lower > top && upper < innerHeight;
  };
  const index = by === 1 ? rows.findIndex(isSeen) : rows.findLastIndex(isSeen);
  return index === -1 ? (by === 1 ? 0 : rows.length - 1) : index;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select, [role="textbox"]'))
  );
}
