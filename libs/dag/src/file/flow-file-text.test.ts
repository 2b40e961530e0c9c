import { expect, test } from 'vitest';
import { flowFileText } from './flow-file-text.js';

test.each([
  ['89504e470d0a1a0a00', 'The file is an image (PNG), not a flow.'],
  ['ffd8ffe000', 'The file is an image (JPEG), not a flow.'],
  ['255044462d312e37', 'The file is a PDF, not a flow.'],
  ['504b030414', 'The file is a ZIP, not a flow.'],
  ['1f8b0800', 'The file is compressed (gzip), not a flow.'],
  ['7b007d00', 'The file is binary data, not a flow.'],
  ['7bff7d', 'The file is not UTF-8 text.'],
])('bytes that begin with %s are no flow', (hex, message) => {
  expect(flowFileText(Buffer.from(hex, 'hex'))).toMatchObject({ code: 'FLOW_NOT_JSON', message });
});

test('text is returned with its byte order mark', () => {
  expect(flowFileText(Buffer.from('\ufeff{"é": 1}'))).toBe('\ufeff{"é": 1}');
});
