const mostDigits = 6;

/**
 * A figure that lies above a limit, as a sentence tells both: rounded, and with as many more digits as show that it is above. 416.4 of
 * 400 is `416`, 400.04 is `400.04`.
 *
 * @param digits how many there are after the point at least
 */
export function above(limit: number, value: number, digits = 0): string {
  for (let more = digits; more < mostDigits; more++) {
    const rounded = Number(value.toFixed(more));
    if (rounded > limit) return String(rounded);
  }
  return String(value > limit ? value : Number(value.toFixed(digits)));
}
