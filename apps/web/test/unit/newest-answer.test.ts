import { describe, expect, test } from 'vitest';
import { NewestAnswer } from '#lib/live/newest-answer.ts';

/** A list of words, of which news brings one more; each question is answered when the test says so. */
function words() {
  let shown: string[] = [];
  const asked: {
    wanted: AbortSignal;
    answer: (answer: string[] | null) => void;
    fail: (error: Error) => void;
  }[] = [];
  const answers = new NewestAnswer<string>((word) => {
    if (!shown.includes(word)) shown = [...shown, word];
  });
  const question = (wanted: AbortSignal) =>
    new Promise<string[] | null>((answer, fail) => asked.push({ wanted, answer, fail }));
  const take = (answer: string[] | null) => {
    if (answer) shown = answer;
    return answer !== null;
  };
  return {
    answers,
    asked,
    ask: () => answers.ask(question, take),
    askNext: () => answers.askNext(question, take),
    get shown() {
      return shown;
    },
  };
}

describe('an answer', () => {
  test('that comes late never overwrites a newer one', async () => {
    const list = words();
    const old = list.ask();
    const newer = list.ask();
    list.asked[1]?.answer(['newer']);
    await newer;
    list.asked[0]?.answer(['old']);
    await old;
    expect(list.shown).toEqual(['newer']);
  });

  test('is not wanted any more once the same is asked again', () => {
    const list = words();
    void list.ask();
    void list.ask();
    expect(list.asked.map(({ wanted }) => wanted.aborted)).toEqual([true, false]);
  });

  test('that nobody waits for any more is not taken, nor its failure told', async () => {
    const list = words();
    const answered = list.ask();
    list.answers.cancel();
    list.asked[0]?.answer(['late']);
    await answered;
    const failed = list.ask();
    list.answers.cancel();
    list.asked[1]?.fail(new Error('taken back'));
    await failed;
    expect(list.shown).toEqual([]);
    expect(list.asked.every(({ wanted }) => wanted.aborted)).toBe(true);
  });

  test('that fails while it is waited for is a failure, and keeps none waiting', async () => {
    const list = words();
    const failed = list.ask();
    list.asked[0]?.fail(new Error('broken'));
    await expect(failed).rejects.toThrow('broken');
    const next = list.askNext();
    list.asked[1]?.answer(['next']);
    await next;
    expect(list.shown).toEqual(['next']);
  });
});

describe('news', () => {
  test('is shown at once, and stays when an answer comes that does not know of it', async () => {
    const list = words();
    const answered = list.ask();
    list.answers.hear('news');
    expect(list.shown).toEqual(['news']);
    list.asked[0]?.answer(['before']);
    await answered;
    expect(list.shown).toEqual(['before', 'news']);
  });

  test('is replayed in the order in which it came', async () => {
    const list = words();
    const answered = list.ask();
    for (const word of ['first', 'second', 'third']) list.answers.hear(word);
    list.asked[0]?.answer(['second']);
    await answered;
    expect(list.shown).toEqual(['second', 'first', 'third']);
  });

  test('from before a question is in its answer, and not replayed', async () => {
    const list = words();
    void list.ask();
    list.answers.hear('gone since');
    const newer = list.ask();
    list.asked[1]?.answer(['all there is']);
    await newer;
    expect(list.shown).toEqual(['all there is']);
  });

  test('is not applied again when no answer took the place of what was there', async () => {
    const applied: string[] = [];
    const answers = new NewestAnswer<string>((news) => applied.push(news));
    const answered = answers.ask(
      () => Promise.resolve(),
      () => false,
    );
    answers.hear('once');
    await answered;
    expect(applied).toEqual(['once']);
  });
});

describe('asking next', () => {
  test('asks at once when nothing is on its way', () => {
    const list = words();
    void list.askNext();
    expect(list.asked).toHaveLength(1);
  });

  test('lets the answer on its way come first, then asks once for all reasons there were', async () => {
    const list = words();
    const asking = list.ask();
    for (let reason = 0; reason < 5; reason += 1) void list.askNext();
    list.asked[0]?.answer(['first']);
    await expect.poll(() => list.asked.length).toBe(2);
    expect(list.shown).toEqual(['first']);
    list.asked[1]?.answer(['second']);
    await asking;
    expect(list.shown).toEqual(['second']);
    expect(list.asked).toHaveLength(2);
  });

  test('asks nothing after all was taken back', async () => {
    const list = words();
    const asking = list.ask();
    void list.askNext();
    list.answers.cancel();
    list.asked[0]?.answer(['late']);
    await asking;
    expect(list.asked).toHaveLength(1);
  });
});
