import { expect, it } from 'vitest';
import { imageTypeOf } from './image-type.js';

it('recognises an image by the end of its name, in upper or lower case', () => {
  expect(['a.png', 'b.JPG', 'c.d.svg'].map(imageTypeOf)).toEqual([
    'image/png',
    'image/jpeg',
    'image/svg+xml',
  ]);
});

it('recognises nothing else as an image', () => {
  expect(['a.html', 'png', 'a.png.exe', '.', 'a.constructor'].map(imageTypeOf)).toEqual(
    Array(5).fill(undefined),
  );
});
