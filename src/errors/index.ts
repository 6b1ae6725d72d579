export { ConfigurationError, PitwallError } from './pitwall-error.ts';
export { nearMatch } from './near-match.ts';
export { parseOptions, told } from './parse-options.ts';
