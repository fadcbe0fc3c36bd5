/** The vocabulary of states: a tone is always shown with its icon and a word, never as a colour alone. */
export type Tone = 'ok' | 'lagging' | 'different' | 'stopped' | 'unknown' | 'paused' | 'busy' | 'info';

export interface StateWord {
  tone: Tone;
  word: string;
}
