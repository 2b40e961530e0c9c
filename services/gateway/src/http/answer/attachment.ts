import type { Call } from '../door/call.js';

/** Sets the headers of an answer that a browser saves as a file. */
export function nameAttachment(call: Call, fileName: string, contentType: string): void {
  const plain = fileName.replace(/[^\w.() -]/g, '_');
  call.reply
    .header('content-type', contentType)
    .header('x-content-type-options', 'nosniff')
    .header(
      'content-disposition',
      `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
    );
}

/** Sets the headers of an image that a browser shows. They keep its content from running: drawings (SVG) may contain scripts. */
export function nameImage(call: Call, contentType: string): void {
  call.reply
    .header('content-type', contentType)
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
    .header('content-disposition', 'inline');
}
