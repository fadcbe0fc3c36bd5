import type { DocumentNode } from 'graphql';

/** What a value of JSON takes at least, as one after a bracket or a comma may begin. */
const perValue = 32;
/** What a word or sign of a document takes, once it is parsed. */
const perToken = 400;

const [comma, bracket, brace] = [...',[{'].map((sign) => sign.charCodeAt(0));

/** Bytes of a message of JSON, once it is parsed. */
export function bytesOf(message: Uint8Array): number {
  let values = 0;
  for (const byte of message) if (byte === comma || byte === bracket || byte === brace) values++;
  return message.length + values * perValue;
}

function bytesOfDocument(document: DocumentNode): number {
  return (document.tokenCount ?? 0) * perToken + (document.loc?.source.body.length ?? 0);
}

/** Bytes of memory: of each message its own, and of documents, which are there once, however many asked by them. */
export class Holdings {
  #bytes = 0;
  /** How many use it. */
  readonly #documents = new Map<DocumentNode, number>();

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  use(document: DocumentNode): void {
    const users = this.#documents.get(document) ?? 0;
    this.#documents.set(document, users + 1);
    if (users === 0) this.#bytes += bytesOfDocument(document);
  }

  letGo(document: DocumentNode): void {
    const users = (this.#documents.get(document) ?? 1) - 1;
    if (users > 0) this.#documents.set(document, users);
    else if (this.#documents.delete(document)) this.#bytes -= bytesOfDocument(document);
  }
}
