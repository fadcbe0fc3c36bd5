/** Why a comparison could not be decided; the sentence goes into the verdict. */
export class Undecidable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Undecidable';
  }
}
