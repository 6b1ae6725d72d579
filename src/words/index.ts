export { counted } from './counted.ts';
export { figure } from './figure.ts';
export { inWords } from './in-words.ts';
