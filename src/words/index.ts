export { above } from './above.ts';
export { clipped } from './clipped.ts';
export { counted } from './counted.ts';
export { figure } from './figure.ts';
export { inWords } from './in-words.ts';
export { oneLine } from './one-line.ts';
export { utc } from './utc.ts';
