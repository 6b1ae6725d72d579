export { ConfigurationError, PitwallError } from './pitwall-error.ts';
export { nearMatch } from './near-match.ts';
export { parseOptions } from './parse-options.ts';
export { positiveNumber } from './positive-number.ts';
export { reasonOf } from './reason-of.ts';
export { stackOf, thrownWords } from './thrown.ts';
export { told } from './told.ts';
