/** A server printed a position that is none. The message holds the text, as far as a sentence can. */
export class Unparsable extends Error {
  constructor(what: string, text: string) {
    super(`not a ${what}: ${text.slice(0, 200)}`);
    this.name = 'Unparsable';
  }
}
