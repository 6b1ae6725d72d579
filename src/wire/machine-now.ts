/**
 * The machine's monotonic milliseconds: the same in every process, unlike `performance.now()`.
 *
 * @param hrtime the clock as it was, for who runs beside a program that may have replaced it
 */
export function machineNowMs(hrtime: () => [number, number] = process.hrtime): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
