import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundTrip } from './round-trip.ts';

const constructors = [Uint8Array, Int16Array, Float32Array, Float64Array, BigInt64Array];

/** Views of one buffer of 64 bytes, so that they overlap, touch, stand alone, or show nothing. */
const viewsOfOneBuffer = (buffer: ArrayBuffer): fc.Arbitrary<ArrayBufferView> =>
  fc.oneof(
    fc
      .record({ at: fc.nat(8), length: fc.nat(4), kind: fc.constantFrom(...constructors) })
      .map(
        ({ at, length, kind }) =>
          new kind(buffer, Math.min(at, 64 / kind.BYTES_PER_ELEMENT - 4) * kind.BYTES_PER_ELEMENT, length),
      ),
    fc.record({ at: fc.nat(40), bytes: fc.nat(20) }).map(({ at, bytes }) => new DataView(buffer, at, bytes)),
  );

const structure = fc.uint8Array({ minLength: 64, maxLength: 64 }).chain((bytes) => {
  const buffer = Uint8Array.from(bytes).buffer;
  const leaf = fc.oneof(
    { weight: 3, arbitrary: viewsOfOneBuffer(buffer) },
    fc.constant(buffer),
    fc.uint8Array(),
    fc.float64Array(),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.bigInt(),
    fc.date(),
    fc.constantFrom(null, undefined, true, -0),
  );
  return fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('node'), { maxLength: 5 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('0', '7', '1000', '__proto__')), tie('node'), { maxKeys: 5 }),
      fc.array(fc.tuple(tie('node'), tie('node')), { maxLength: 3 }).map((entries) => new Map(entries)),
      fc.array(tie('node'), { maxLength: 3 }).map((members) => new Set(members)),
    ),
  })).node;
});

describe('any structure with arrays in it', () => {
  it('survives the way there and back, also twice in one value', () => {
    fc.assert(
      fc.property(structure, (value) => {
        const back = roundTrip({ value, again: value });

        expect(back.value).toEqual(structuredClone(value));
        if (typeof value === 'object') expect(back.again).toBe(back.value);
        else expect(back.again).toEqual(back.value);
      }),
      { numRuns: 300 },
    );
  });

  it('shares memory afterwards exactly where it did before', () => {
    fc.assert(
      fc.property(fc.array(viewsOfOneBuffer(new ArrayBuffer(64)), { minLength: 2, maxLength: 6 }), (views) => {
        const back = roundTrip(views);
        const [written] = back;
        if (written === undefined) return;
        bytesOf(written).fill(0xff);
        views.forEach((view, index) => {
          const shown = back[index];
          if (shown !== undefined) expect([...bytesOf(shown)]).toEqual(seenAfterWriting(view, views[0]));
        });
      }),
      { numRuns: 300 },
    );
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** What `view` shows once `written` is full of 0xff: those of its bytes that lie in both. */
function seenAfterWriting(view: ArrayBufferView, written: ArrayBufferView | undefined): number[] {
  return Array.from({ length: view.byteLength }, (_, index) => {
    const at = view.byteOffset + index;
    const inside = written !== undefined && at >= written.byteOffset && at < written.byteOffset + written.byteLength;
    return inside ? 0xff : 0;
  });
}
