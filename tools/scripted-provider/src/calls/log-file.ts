import { closeSync, openSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import type { CallRecord } from './call-record.js';

/** A file that gets one line of JSON for every finished call. It only grows; the user who names the file must empty it. */
export class LogFile {
  private waiting = '';
  private writing: Promise<void> | undefined;

  /** @throws when the file can't be opened for appending */
  constructor(private readonly path: string) {
    closeSync(openSync(path, 'a'));
  }

  append(record: CallRecord): void {
    this.waiting += `${JSON.stringify(record)}\n`;
    this.writing ??= this.writeWaiting();
  }

  /** Resolves when everything appended is in the file. */
  async flush(): Promise<void> {
    await this.writing;
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting !== '') {
      const lines = this.waiting;
      this.waiting = '';
      try {
        await appendFile(this.path, lines);
      } catch (error) {
        // A full disk must not stop answers; the error is printed for the user who started the provider.
        process.emitWarning(`Calls are missing from ${this.path}: ${String(error)}`);
      }
    }
    this.writing = undefined;
  }
}
