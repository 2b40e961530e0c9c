/** Seals secrets with the master key: AES-256-GCM. Injectable. */
export class Vault {
  constructor(_masterKey: string) {}

  /** Any text to a sealed text, safe in JSON and columns. The same text seals differently each time. */
  seal(_text: string): string {
    throw new Error('not yet');
  }

  /** @throws CausewayError SEALED_UNREADABLE for a text sealed with another key, changed, or not sealed */
  open(_sealed: string): string {
    throw new Error('not yet');
  }
}
