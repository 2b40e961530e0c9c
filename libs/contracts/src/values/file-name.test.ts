import { describe, expect, it } from 'vitest';
import { checkFileName } from './file-name.js';

describe('checkFileName', () => {
  it.each(['report.pdf', 'Über Größe (1).txt', '.env', 'a'.repeat(255)])('accepts %s', (name) => {
    expect(() => checkFileName(name)).not.toThrow();
  });

  it.each(['', '  ', '.', '..', 'a/b', 'a\\b', 'a\u0000b', 'a\nb', 'a\uD800', 'ü'.repeat(128)])(
    'N8: refuses %j',
    (name) => {
      expect(() => checkFileName(name)).toThrow(expect.objectContaining({ code: 'FILE_NAME_INVALID' }));
    },
  );
});
