export { ConfigurationError, PitwallError } from './pitwall-error.ts';
export { nearMatch } from './near-match.ts';
export { parseOptions, told } from './parse-options.ts';
export { positiveNumber } from './positive-number.ts';
export { reasonOf } from './reason-of.ts';
