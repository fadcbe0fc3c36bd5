/** Why a comparison could not be decided; the sentence goes into the verdict. */
export class Undecidable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Undecidable';
  }
}

/** The same of the whole table: whatever part of it is looked at next, no end would come. */
export class Endless extends Undecidable {}
