import { describe, expect, it } from 'vitest';
import { checkFolders } from './folders.js';
import type { SourceFile } from './source-file.js';

function files(folder: string, count: number, isTest = false): SourceFile[] {
  return Array.from({ length: count }, (_none, index) => ({
    path: `${folder}/f${index}${isTest ? '.test' : ''}.ts`,
    project: 'libs/dag',
    text: '',
    imports: [],
    isTest,
  }));
}

describe('checkFolders', () => {
  it('accepts fifteen source files, any number of tests, and a folder below', () => {
    const room = 'libs/dag/src/compile';
    expect(
      checkFolders([...files(room, 15), ...files(room, 20, true), ...files(`${room}/graph`, 15)]),
    ).toEqual([]);
  });

  it('finds the sixteenth, and names the limit and the remedy', () => {
    const [found, ...rest] = checkFolders(files('libs/dag/src/compile', 16));
    expect(rest).toEqual([]);
    expect(found?.path).toBe('libs/dag/src/compile');
    expect(found?.message).toContain('16 source files; a folder holds at most 15');
  });

  it('accepts an exception, and finds one that is no longer needed', () => {
    const exceptions = { 'libs/dag/src/compile': 'The reason.' };
    expect(checkFolders(files('libs/dag/src/compile', 16), exceptions)).toEqual([]);
    expect(checkFolders(files('libs/dag/src/compile', 15), exceptions)[0]?.message).toContain(
      'remove its exception',
    );
  });
});
