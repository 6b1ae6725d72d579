// What `pitwall drill` is given: evaluations, and no training.
import { evaluation } from 'pitwall';

export default evaluation({
  name: 'vs-random',
  every: 3,
  module: new URL('./evaluate.js', import.meta.url),
  input: ({ epoch }) => ({ epoch }),
  sla: { memoryMb: 150 },
});
