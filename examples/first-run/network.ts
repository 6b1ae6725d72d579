import { createRng } from 'pitwall/games';

/** Points of a square, and whether each lies in the ring around its middle. */
export interface Batch {
  readonly points: Float32Array;
  readonly inRing: Uint8Array;
}

const hidden = 32;

/** Makes `count` batches of 256 points; the same seed gives the same ones. */
export function batchesOf(count: number, seed: number): Batch[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => {
    const points = Float32Array.from({ length: 512 }, () => rng() * 2 - 1);
    const inRing = Uint8Array.from({ length: 256 }, (_, index) => {
      const radius = Math.hypot(points[index * 2]!, points[index * 2 + 1]!);
      return radius > 0.4 && radius < 0.8 ? 1 : 0;
    });
    return { points, inRing };
  });
}

/** The weights of a network of 2, 32 and 1 neurons, before any training: for each hidden neuron x, y, bias and output. */
export function createWeights(seed: number): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: hidden * 4 + 1 }, () => rng() * 4 - 2);
}

/** The share of the points that the network puts on the right side. */
export function accuracyOf(weights: Float32Array, { points, inRing }: Batch): number {
  const right = inRing.filter(
    (answer, index) => predict(weights, points[index * 2]!, points[index * 2 + 1]!) > 0.5 === (answer === 1),
  );
  return right.length / inRing.length;
}

/** One step of gradient descent, in place. Gives the batch's mean loss. */
export function trainOn(weights: Float32Array, { points, inRing }: Batch, rate = 0.5): number {
  const gradient = new Float32Array(weights.length);
  let loss = 0;
  for (const [index, answer] of inRing.entries()) {
    const [x, y] = [points[index * 2]!, points[index * 2 + 1]!];
    const guess = predict(weights, x, y);
    loss -= Math.log(Math.max(1e-7, answer === 1 ? guess : 1 - guess));
    const error = (guess - answer) / inRing.length;
    for (let at = 0; at < hidden * 4; at += 4) {
      const active = activation(weights, at, x, y);
      const slope = error * weights[at + 3]! * (1 - active * active);
      gradient[at]! += slope * x;
      gradient[at + 1]! += slope * y;
      gradient[at + 2]! += slope;
      gradient[at + 3]! += error * active;
    }
    gradient[hidden * 4]! += error;
  }
  for (const [index, slope] of gradient.entries()) weights[index]! -= rate * slope;
  return loss / inRing.length;
}

function predict(weights: Float32Array, x: number, y: number): number {
  let sum = weights[hidden * 4]!;
  for (let at = 0; at < hidden * 4; at += 4) sum += weights[at + 3]! * activation(weights, at, x, y);
  return 1 / (1 + Math.exp(-sum));
}

function activation(weights: Float32Array, at: number, x: number, y: number): number {
  return Math.tanh(weights[at]! * x + weights[at + 1]! * y + weights[at + 2]!);
}
