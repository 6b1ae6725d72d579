import type { Safeguard } from './safeguard.ts';

/** Gives a safeguard the name under which its errors are told, and which a test of it says. */
export function named(name: string, safeguard: Safeguard): Safeguard {
  return Object.defineProperty(safeguard, 'name', { value: name, configurable: true });
}
