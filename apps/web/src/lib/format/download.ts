/** Hands a text to the browser as a file. */
export function download(name: string, text: string, type = 'text/csv'): void {
  downloadBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** After so long no browser still reads what it was told to save. */
const keptMs = 60_000;

export function downloadBlob(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name.replace(/[^\w.-]+/g, '_');
  link.click();
  // A busy browser reads it later than it was told to: what is taken from it at once is not saved, without a word.
  setTimeout(() => URL.revokeObjectURL(url), keptMs);
}
