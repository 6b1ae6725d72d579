/** What a piece of a test that is meant to fail throws. */
export function failureOf(test: () => unknown): Error {
  try {
    test();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('It was meant to fail, and passed.');
}

/** The same, of one that awaits. */
export async function rejectionOf(test: () => unknown): Promise<Error> {
  try {
    await test();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('It was meant to fail, and passed.');
}
