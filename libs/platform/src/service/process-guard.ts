import { flushLog, log } from '../logging/log.js';

/** Turns signals, crashes and the parent's end into an orderly end of the process. */
export interface ProcessGuard {
  /** How the process stops once it has started; until then a signal ends it at once. */
  drainWith(drain: (reason: string) => Promise<void>): void;
  /** What the process still does when its parent is gone; it stops once this settles. */
  outliveWith(outlive: () => Promise<void>): void;
}

export function guardProcess(): ProcessGuard {
  let drain: ((reason: string) => Promise<void>) | undefined;
  let outlive: () => Promise<void> = () => Promise.resolve();
  let isEnding = false;

  const end = (code: number): never => {
    flushLog();
    return process.exit(code);
  };
  const stop = (reason: string): void => {
    // Who signals a whole group reaches a child twice: by the signal, and by its parent. Only a person's Ctrl-C hurries.
    if (isEnding && reason !== 'SIGINT') return;
    if (isEnding || !drain) {
      log.warn({ reason }, 'process ends at once');
      end(isEnding ? 1 : 0);
    }
    isEnding = true;
    drain?.(reason).then(
      () => end(0),
      (error: unknown) => {
        log.fatal({ error }, 'drain failed');
        end(1);
      },
    );
  };
  const crash = (event: string) => (error: unknown) => {
    log.fatal({ error }, event);
    end(1);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => {
    outlive().then(
      () => stop('parent gone'),
      (error: unknown) => {
        log.failure(error, 'not done without the parent');
        stop('parent gone');
      },
    );
  });
  process.on('uncaughtException', crash('uncaught exception'));
  process.on('unhandledRejection', crash('unhandled rejection'));
  process.on('SIGUSR2', () => {
    log.level = log.level === 'debug' ? 'info' : 'debug';
    log.warn({ level: log.level }, 'log level changed');
  });
  return {
    drainWith: (given) => {
      drain = given;
    },
    outliveWith: (given) => {
      outlive = given;
    },
  };
}
