/** The line that is fitted: y = slope * x + offset. */
export const line = { slope: 0, offset: 0 };

/** Moves the line a little towards a point. Gives the squared error that it had there. */
export function fitTo(x: number, y: number): number {
  const error = line.slope * x + line.offset - y;
  line.slope -= 0.1 * error * x;
  line.offset -= 0.1 * error;
  return error * error;
}
