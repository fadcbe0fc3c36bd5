/** It may hand over the beginning of a long answer while the rest is on its way. */
type Question<Answer> = (wanted: AbortSignal, begin: (answer: Answer) => void) => Promise<Answer>;

/** Says whether the answer took the place of what was there: where it did not, no news is applied again. */
type Take<Answer> = (answer: Answer, whole: boolean) => boolean;

interface Asked<News> {
  /** Aborted when its answer is no longer wanted. */
  wanted: AbortController;
  heard: News[];
  next?: () => Promise<void>;
}

/**
 * What one question is answered, asked again and again while news of the same thing keeps coming. Only the answer that
 * was asked for last counts, however late another comes. It may be older than news that came while it was on its way:
 * these are applied on top of it.
 */
export class NewestAnswer<News> {
  #awaited: Asked<News> | null = null;
  readonly #apply: (news: News) => void;

  /** `apply` puts news into what is there; of the same news it may be called twice. */
  constructor(apply: (news: News) => void) {
    this.#apply = apply;
  }

  /** Applies news at once, and again on top of the answer that is on its way. */
  hear(news: News): void {
    this.#awaited?.heard.push(news);
    this.#apply(news);
  }

  /** Asks, in place of what is being asked. */
  async ask<Answer>(question: Question<Answer>, take: Take<Answer>): Promise<void> {
    this.cancel();
    const mine: Asked<News> = { wanted: new AbortController(), heard: [] };
    this.#awaited = mine;
    const put = (answer: Answer, whole: boolean) => {
      if (take(answer, whole)) for (const news of mine.heard) this.#apply(news);
    };
    let answer: Answer;
    try {
      answer = await question(mine.wanted.signal, (begin) => {
        if (this.#awaited === mine) put(begin, false);
      });
    } catch (error) {
      if (this.#awaited !== mine) return;
      this.#awaited = null;
      throw error;
    }
    if (this.#awaited !== mine) return;
    this.#awaited = null;
    put(answer, true);
    await mine.next?.();
  }

  /**
   * As `ask`, but lets the answer that is on its way come first, so that reasons to ask again, however fast they come,
   * never keep every answer away. Of those that wait, only the last is asked.
   */
  async askNext<Answer>(question: Question<Answer>, take: Take<Answer>): Promise<void> {
    if (this.#awaited) this.#awaited.next = () => this.ask(question, take);
    else await this.ask(question, take);
  }

  /** No answer is wanted any more. */
  cancel(): void {
    this.#awaited?.wanted.abort();
    this.#awaited = null;
  }
}
