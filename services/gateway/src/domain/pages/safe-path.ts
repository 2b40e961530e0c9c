/** A path of this site; `/` for anything that could lead elsewhere. */
export function safePath(path: string): string {
  const isPlain = /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !path.includes('\\');
  return isPlain ? path : '/';
}
