import { SETTINGS, tapLog } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config.js';

/** Most lines that are kept, and most characters of all of them. */
const LINES = 10_000;
const MOST_CHARACTERS = 8_000_000;

/** One line of this gateway's log. */
export interface LogLine {
  /** Milliseconds since 1970; the key in Langflow's answer. Each line has its own. */
  readonly at: number;
  readonly text: string;
}

/** This gateway's newest log lines, in memory; keeps nothing while the setting `logAccess` is off. */
@Injectable()
export class RecentLog implements OnApplicationShutdown {
  private readonly lines: LogLine[] = [];
  private characters = 0;
  private readonly listeners = new Set<(line: LogLine) => void>();
  private readonly untap: (() => void) | undefined;

  constructor(@Inject(SETTINGS) settings: Settings) {
    if (settings.logAccess !== 'off') this.untap = tapLog((text) => this.add(text.trimEnd()));
  }

  onApplicationShutdown(): void {
    this.untap?.();
  }

  /** Lines around a time: `before` of them up to it, or `after` from it on; without a time the newest. */
  around(
    at: number | undefined,
    count: { before?: number | undefined; after?: number | undefined },
  ): LogLine[] {
    if (at === undefined) return this.lines.slice(-(count.before ?? 10) || this.lines.length);
    if (count.after !== undefined) return this.lines.filter((line) => line.at >= at).slice(0, count.after);
    const earlier = this.lines.filter((line) => line.at <= at);
    return earlier.slice(Math.max(0, earlier.length - (count.before ?? 10)));
  }

  /** Calls the listener with each new line; the returned function ends it. */
  follow(listener: (line: LogLine) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private add(text: string): void {
    const last = this.lines.at(-1)?.at ?? 0;
    const line = { at: Math.max(Date.now(), last + 1), text };
    this.lines.push(line);
    this.characters += text.length;
    if (this.lines.length > LINES || this.characters > MOST_CHARACTERS)
      for (const gone of this.lines.splice(0, Math.ceil(this.lines.length / 10)))
        this.characters -= gone.text.length;
    for (const listener of this.listeners) listener(line);
  }
}
