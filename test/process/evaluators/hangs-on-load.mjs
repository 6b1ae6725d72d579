// Waits while it loads for what never comes, without using the CPU.
await new Promise(() => undefined);
export default () => 1;
