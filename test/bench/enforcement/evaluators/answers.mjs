// The moment when a user's code begins is its answer.
export default () => ({ beganMs: Number(process.hrtime.bigint()) / 1e6 });
