const xs = Array.from({ length: 64 }, (_, index) => index / 32 - 1);

/** The weights of a polynomial of degree 5: all 0. */
export function createWeights(): Float64Array {
  return new Float64Array(6);
}

/** One step of gradient descent towards sin(3x) on -1 to 1, in place. Gives the mean square error. */
export function trainOn(weights: Float64Array, rate = 0.2): number {
  const gradient = new Float64Array(weights.length);
  let loss = 0;
  for (const x of xs) {
    const error = weights.reduceRight((sum, weight) => sum * x + weight, 0) - Math.sin(3 * x);
    loss += error ** 2 / xs.length;
    for (let power = 0; power < gradient.length; power++) gradient[power]! += (2 * error * x ** power) / xs.length;
  }
  for (const [power, slope] of gradient.entries()) weights[power]! -= rate * slope;
  return loss;
}
