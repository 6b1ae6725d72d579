/** What a value of each kind takes of V8's heap: a little above what was measured on Node 20 and 24. */
export const cost = {
  /** Where a value stands: a place of an array, of a table. */
  place: 16,
  number: 16,
  /** Beside its characters. */
  string: 32,
  object: 96,
  /** One whose name no other object has: it makes a shape of its own. */
  property: 96,
  /** A place that was left out before an index; V8 takes half as many again. */
  gap: 12,
  /** A map, a set, a buffer, an error. */
  collection: 320,
  /** A character of a regular expression, while it is parsed. */
  patternCharacter: 256,
};

/** A greater gap makes V8 keep a table. */
export const widestGap = 1024;
/** So does a longer array. */
export const mostPlaces = 2 ** 25;
/** A longer regular expression is refused. */
export const longestPatternBytes = 10_000;
/** Ten digits, of two bytes each. */
export const longestIndexBytes = 20;
