// Loaded before anything else: from the moment that a file appears, its number is added to the wall clock's milliseconds.
import { readFileSync } from 'node:fs';

const path = process.env.PITWALL_TEST_CLOCK;
const realNow = Date.now.bind(Date);
const shiftMs = () => {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0; // not yet
  }
};
globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length === 0 ? [realNow() + shiftMs()] : args));
  }
  static now() {
    return realNow() + shiftMs();
  }
};
