/** A figure with its unit, as people say it: `412 ms`, `1.25 s`, `3 min 20 s`, `8 h 4 min`, `812.5 MB`. */
export function inWords(value: number, unit: string): string {
  if (unit !== 'ms') return `${rounded(value)} ${unit}`.trimEnd();
  if (rounded(value) < 1000) return `${rounded(value)} ms`;
  const short = Number((value / 1000).toPrecision(3));
  if (short < 60) return `${short} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 3600) return joined(seconds / 60, 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return joined(minutes / 60, 'h', minutes % 60, 'min');
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const whole = `${Math.floor(large)} ${largeUnit}`;
  return small === 0 ? whole : `${whole} ${small} ${smallUnit}`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
