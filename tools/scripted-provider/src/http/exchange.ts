import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { CallLog } from '../calls/call-log.js';
import { CallOutcome, type OpenCall } from '../calls/call-record.js';
import { errorBody, type Refusal } from './refusal.js';

export const JSON_TYPE = 'application/json; charset=utf-8';
const EVENT_STREAM_TYPE = 'text/event-stream; charset=utf-8';

/** One call being answered. It reports to the log how the call ended, which is known from the socket. */
export class Exchange {
  private isFault = false;
  private isOver = false;

  /** @param isStopping  whether the provider itself is closing its sockets */
  constructor(
    private readonly response: ServerResponse,
    readonly call: OpenCall,
    log: CallLog,
    isStopping: () => boolean,
  ) {
    const close = (): void => {
      this.isOver = true;
      if (response.writableFinished)
        log.finish(call, this.isFault ? CallOutcome.fault : CallOutcome.completed);
      else log.finish(call, this.isFault || isStopping() ? CallOutcome.fault : CallOutcome.clientClosed);
    };
    if (response.closed) close();
    else response.once('close', close);
  }

  /** Sends a whole answer. */
  end(status: number, body: string, contentType = JSON_TYPE, headers: OutgoingHttpHeaders = {}): void {
    this.writeHead(status, {
      'content-length': Buffer.byteLength(body),
      'content-type': contentType,
      ...headers,
    });
    this.response.end(body);
  }

  refuse({ status, message, param, code }: Refusal): void {
    this.endWithFault(status, errorBody(status, message, param, code));
  }

  /** Sends an answer that the log records as a fault. */
  endWithFault(
    status: number,
    body: string,
    contentType = JSON_TYPE,
    headers: OutgoingHttpHeaders = {},
  ): void {
    this.isFault = true;
    this.end(status, body, contentType, headers);
  }

  /** Sends a whole stream at once, or opens one when there is more to come. */
  openStream(frames: string, isLast = false): void {
    this.writeHead(200, { 'content-type': EVENT_STREAM_TYPE, 'cache-control': 'no-cache' });
    if (isLast) this.response.end(frames);
    else this.response.write(frames);
  }

  write(frames: string): void {
    this.response.write(frames);
  }

  endStream(frames: string, isFault = false): void {
    this.isFault = isFault;
    this.response.end(frames);
  }

  /** Closes the socket once the written data is sent; the client does not get the rest. */
  hangUp(): void {
    this.isFault = true;
    this.response.socket?.destroySoon();
  }

  /** Sends the first half of an answer and closes the socket. */
  hangUpHalfway(body: string): void {
    const bytes = Buffer.from(body);
    this.writeHead(200, { 'content-length': bytes.length, 'content-type': JSON_TYPE });
    this.response.write(bytes.subarray(0, bytes.length / 2));
    this.hangUp();
  }

  /** Waits; false when the client left before the time was up. */
  wait(ms: number): Promise<boolean> {
    if (this.isOver) return Promise.resolve(false);
    return new Promise((resolve) => {
      const leave = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        this.response.off('close', leave);
        resolve(true);
      }, ms);
      this.response.once('close', leave);
    });
  }

  private writeHead(status: number, headers: OutgoingHttpHeaders): void {
    this.call.status = status;
    headers['x-request-id'] = `req_${this.call.sequence}`;
    this.response.writeHead(status, headers);
  }
}
