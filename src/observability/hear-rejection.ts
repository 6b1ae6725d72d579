/** Calls `hear` when what somebody's code gave back is a promise that is rejected: where nobody hears that, it ends the process. */
export function hearRejection(given: unknown, hear: () => void): void {
  if (isPromise(given)) Promise.resolve(given).catch(hear);
}

export function isPromise(given: unknown): given is PromiseLike<unknown> {
  return typeof given === 'object' && given !== null && 'then' in given;
}
