/** Lines of text, each with its end. */
export function lines(texts: readonly string[]): string {
  return texts.map(text => `${text}\n`).join('');
}
