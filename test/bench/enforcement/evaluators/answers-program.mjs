import answer from './answers.mjs';

console.log(JSON.stringify(answer()));
