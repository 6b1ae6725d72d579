import { clipped } from './clipped.ts';

/**
 * A text that somebody else wrote, fit for one line of a terminal: without line breaks, and without what a terminal or a reader would
 * take for a command (control characters, marks that turn the direction of writing).
 */
export function oneLine(text: string, longest = 200): string {
  const line = text.replace(/\s+/g, ' ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
  return clipped(line.trim(), longest);
}
