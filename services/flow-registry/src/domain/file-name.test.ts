import { describe, expect, it } from 'vitest';
import { splitFileName, uniqueFileName } from './file-name.js';

describe('splitFileName', () => {
  it.each([
    ['report.final.pdf', 'report.final', '.pdf'],
    ['README', 'README', ''],
    ['.env', '.env', ''],
  ])('splits %s', (fileName, name, extension) => {
    expect(splitFileName(fileName)).toEqual({ name, extension });
  });
});

describe('uniqueFileName', () => {
  it('puts the number before the extension', () => {
    expect(uniqueFileName('a.txt', new Set(['a.txt', 'a (1).txt']))).toBe('a (2).txt');
  });

  it('stays within 255 bytes', () => {
    const long = `${'ü'.repeat(125)}.txt`;
    const unique = uniqueFileName(long, new Set([long]));
    expect(Buffer.byteLength(unique)).toBeLessThanOrEqual(255);
    expect(unique).toMatch(/^ü+ \(1\)\.txt$/);
  });
});
