// Thrown outside the evaluator's own promise: Node prints it and ends the process.
export default () =>
  new Promise(() => {
    setTimeout(() => {
      console.error('a line before');
      throw new Error('thrown beside the evaluation');
    }, 20);
  });
