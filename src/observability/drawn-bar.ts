const eighths = ' ▏▎▍▌▋▊▉';

/**
 * A bar for a part of a whole, in eighths of a character.
 *
 * @param part 0 to 1; beyond that it is empty or full
 */
export function drawnBar(part: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * width * 8);
  const bar = '█'.repeat(Math.floor(filled / 8)) + (filled % 8 === 0 ? '' : (eighths[filled % 8] ?? ''));
  return bar.padEnd(width, '░');
}
