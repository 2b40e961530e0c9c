import { expect, it } from 'vitest';
import { imageTypeOf } from './image-type.js';

it('tells an image by the end of its name, whatever its case', () => {
  expect(['a.png', 'b.JPG', 'c.d.svg'].map(imageTypeOf)).toEqual([
    'image/png',
    'image/jpeg',
    'image/svg+xml',
  ]);
});

it('takes nothing else for one', () => {
  expect(['a.html', 'png', 'a.png.exe', '.', 'a.constructor'].map(imageTypeOf)).toEqual(
    Array(5).fill(undefined),
  );
});
