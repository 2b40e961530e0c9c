/** `npm run dev`. */
export async function dev(): Promise<number> {
  return 1;
}
