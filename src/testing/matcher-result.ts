/** What a matcher gives to `expect`: whether it holds, and the sentence for when that is not what the test wanted. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** @param wanted the sentence without `.not`, `unwanted` that with it */
export function matcherResult(pass: boolean, wanted: string, unwanted: string): MatcherResult {
  return { pass, message: () => (pass ? unwanted : wanted) };
}
