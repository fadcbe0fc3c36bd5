const mostDocuments = 200;
/** Longer texts are rare, and would make what is kept as large as their senders like. */
const longestText = 10_000;
/** Of all together: each word of them takes hundreds of bytes once it is parsed. */
const mostText = 200_000;

/** Parsed documents by their text, so that a page's or a tool's few queries are parsed and validated once. Bounded. */
export class DocumentCache<Document> {
  readonly #documents = new Map<string, Document>();
  #length = 0;

  get(text: string): Document | undefined {
    const document = this.#documents.get(text);
    if (document !== undefined) {
      // The order of use, so that the oldest to go is the one that nobody asks for.
      this.#documents.delete(text);
      this.#documents.set(text, document);
    }
    return document;
  }

  set(text: string, document: Document): void {
    if (text.length > longestText) return;
    if (!this.#documents.has(text)) this.#length += text.length;
    this.#documents.set(text, document);
    for (const oldest of this.#documents.keys()) {
      if (this.#documents.size <= mostDocuments && this.#length <= mostText) break;
      this.#documents.delete(oldest);
      this.#length -= oldest.length;
    }
  }
}
