// Tells how its arrays have arrived, and hands arrays of its own back.
export default ({ does, ...input }, { partial }) => {
  if (does === 'look') {
    const { first, again, left, right, empty } = input;
    left[1] = 42;
    return {
      isOne: first === again,
      sharesMemory: right[0] === 42,
      empty: empty.length,
      sum: first.reduce((a, b) => a + b),
    };
  }
  if (does === 'return much') return { weights: new Float32Array((input.megabytes * 2 ** 20) / 4) };
  if (does === 'keep a part and spin') {
    const all = Float64Array.from({ length: 100 }, (_, index) => index / 7);
    partial({ part: all.subarray(10, 13), nested: [new Map([['bytes', new Uint8Array([1, 2])]])] });
    for (;;);
  }
  const shared = new Float32Array(new SharedArrayBuffer(8));
  shared.fill(1.5);
  const buffer = new ArrayBuffer(16);
  const view = new DataView(buffer, 4, 8);
  view.setFloat64(0, Math.PI);
  const one = Int32Array.of(1, 2, 3);
  return { one, same: one, shared, view, none: new BigUint64Array(0), nan: Float64Array.of(NaN, -0, Infinity) };
};
