/** So many numbers from 0 to 1, always the same. */
export function pointsOf(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => Math.abs(Math.sin(index * 12.9898) * 43758.5453) % 1);
}

const truth = 0.7;

/** The share of the points that a threshold puts on the right side. */
export function shareOfRight(points: Float64Array, threshold: number): number {
  return points.filter((point) => point > threshold === point > truth).length / points.length;
}

/** A step of the training: nearer to the truth by a half. */
export function stepped(threshold: number): number {
  return threshold + (truth - threshold) / 2;
}
