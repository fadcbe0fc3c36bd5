import '../../src/app.css';
import { createRawSnippet } from 'svelte';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { CellValue } from '#lib/api/documents/table.ts';
import ActionButton from '#lib/components/ActionButton.svelte';
import LagValue from '#lib/components/LagValue.svelte';
import StateBadge from '#lib/components/StateBadge.svelte';
import type { ValueForm } from '#lib/format/value-form.ts';
import { type LagReading, nextReading } from '#lib/live/lag-reading.ts';
import { serverClock } from '#lib/live/server-clock.ts';
import Cell from '#lib/screens/difference/Cell.svelte';

const text = (content: string) => createRawSnippet(() => ({ render: () => `<span>${content}</span>` }));

describe('a lag value', () => {
  const thresholds = { warningMs: 10_000, criticalMs: 60_000 };
  const sample = (lagMs: number | null, agoMs = 0) => ({
    pair: 'p',
    at: new Date(Date.now() - agoMs).toISOString(),
    lagMs,
    uncertaintyMs: 100,
    method: 'GTID' as const,
    transactionsBehind: null,
    serverLagMs: null,
    evidence: '',
  });
  const shown = async (reading: LagReading | null) => {
    const { container } = await render(LagValue, { reading, thresholds });
    return container.textContent.replace(/\s+/g, ' ').trim();
  };

  test('that is known is shown, zero included', async () => {
    expect(await shown(nextReading(null, sample(0), performance.now()))).toBe('0 s');
  });

  test('over a threshold says so in words', async () => {
    expect(await shown(nextReading(null, sample(12_000), performance.now()))).toBe('12 s over warning');
  });

  test('that is not known is no number, but a memory with its age', async () => {
    // An age is of now, which is some moments later by the time that it is shown.
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    // The page is that of other tests, too: what these told of the service's clock is of no matter here.
    for (let i = 0; i < 50; i++) serverClock.observe(new Date().toISOString());
    const before = nextReading(null, sample(300, 14_000), performance.now() - 14_000);
    expect(await shown(before)).toBe('unknown last 0.3 s, 14 s ago');
    expect(await shown(nextReading(before, sample(null), performance.now()))).toBe(
      'unknown last 0.3 s, 14 s ago',
    );
    expect(await shown(null)).toBe('unknown');
  });
});

describe('a cell', () => {
  const value = (content: string | null, encoding: CellValue['encoding'] = 'TEXT'): CellValue => ({
    text: content,
    encoding,
    bytes: content?.length ?? null,
    truncated: false,
  });
  const shown = async (side: CellValue, other: CellValue | null, form: ValueForm = 'as-is') =>
    (await render(Cell, { value: side, other, side: 'source', form })).container;

  test('tells NULL, the empty string, a space and the word NULL apart', async () => {
    const looks = [];
    for (const content of [null, '', ' ', 'NULL']) looks.push((await shown(value(content), null)).innerHTML);
    expect(new Set(looks).size).toBe(4);
    expect((await shown(value(null), null)).textContent.trim()).toBe('NULL');
    expect((await shown(value(''), null)).textContent.trim()).toBe('empty string');
    expect((await shown(value(' '), null)).textContent).toContain('space');
  });

  test('marks the part that differs, by more than its colour', async () => {
    const mark = (await shown(value('Ana Köhler '), value('Ana Köhler'))).querySelector('mark');
    expect(mark?.textContent).toBe('·space');
    expect(mark && getComputedStyle(mark).textDecorationLine).toBe('underline');
  });

  test('shows bytes as text where they are text, and text as bytes', async () => {
    const words = async (cell: CellValue, form: ValueForm) =>
      (await shown(cell, null, form)).textContent.trim();
    expect(await words(value('616263', 'HEX'), 'as-is')).toBe('hex616263');
    expect(await words(value('616263', 'HEX'), 'text')).toBe('UTF-8abc');
    expect(await words(value('FF00', 'HEX'), 'text')).toBe('hexFF00');
    expect(await words(value('é'), 'hex')).toBe('hexC3A9');
    expect(await words(value('••••', 'MASKED'), 'hex')).toBe('masked');
    expect(await words(value(null), 'hex')).toBe('NULL');
  });

  test('never compares what is masked', async () => {
    const masked = await shown(value('••••', 'MASKED'), value('••••', 'MASKED'));
    expect(masked.textContent.trim()).toBe('masked');
  });
});

test('a button that may not be used can be reached, says why, and does nothing', async () => {
  const onclick = vi.fn();
  const screen = await render(ActionButton, {
    children: text('Check now'),
    reason: 'An operator may',
    onclick,
  });
  const button = screen.getByRole('button', { name: 'Check now' });
  await expect.element(button).toHaveAccessibleDescription('An operator may');
  (button.element() as HTMLElement).click();
  expect(onclick).not.toHaveBeenCalled();
  await screen.rerender({ reason: null });
  (button.element() as HTMLElement).click();
  expect(onclick).toHaveBeenCalledOnce();
});

test('every state has a word and a shape of its own', async () => {
  const tones = ['ok', 'lagging', 'different', 'stopped', 'unknown', 'paused', 'busy', 'info'] as const;
  const shapes = [];
  for (const tone of tones) {
    const { container } = await render(StateBadge, { state: { tone, word: `word ${tone}` } });
    expect(container.textContent).toContain(`word ${tone}`);
    shapes.push(container.querySelector('svg')?.innerHTML);
  }
  expect(new Set(shapes).size).toBe(tones.length);
});
