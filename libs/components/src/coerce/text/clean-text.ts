/** Text with blank lines emptied and runs of them cut to one. */
export function cleanText(text: string): string {
  return text.replace(/^[^\S\n]+$/gm, '').replace(/\n{3,}/g, '\n\n');
}
