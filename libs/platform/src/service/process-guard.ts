import { flushLog, log } from '../logging/log.js';

/** Turns signals, crashes and the parent's end into an orderly end of the process. */
export interface ProcessGuard {
  /** Sets how the process stops once it has started; before, a signal ends it at once. */
  drainWith(drain: (reason: string) => Promise<void>): void;
}

export function guardProcess(): ProcessGuard {
  let drain: ((reason: string) => Promise<void>) | undefined;
  let isEnding = false;

  const end = (code: number): never => {
    flushLog();
    return process.exit(code);
  };
  const stop = (reason: string): void => {
    // A signal to a whole process group reaches a child twice: directly, and from its parent. Only a second Ctrl-C ends it at once.
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
  process.on('disconnect', () => stop('parent ended'));
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
  };
}
