import type { Permit } from './permit.ts';

/** Makes a call and tells its permit how it ended, before whoever awaits it hears. */
export async function underPermit<T>(permit: Permit, call: () => PromiseLike<T> | T): Promise<T> {
  try {
    const value = await call();
    permit.success();
    return value;
  } catch (error) {
    permit.failure(error);
    throw error;
  }
}
