/** Bounds of a histogram of seconds: from a millisecond to half an hour, the default limit of an evaluation. */
export const secondsBuckets: readonly number[] = [
  0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1_200, 1_800,
];
