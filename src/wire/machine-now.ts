/** The machine's monotonic milliseconds: the same in every process, unlike `performance.now()`. */
export function machineNowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
