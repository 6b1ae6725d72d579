import { eventLevels, type EventLevel } from './event-level.ts';

/** Other names for a level, where a logger has not the usual one; the first that it has is taken. */
const otherNames: Readonly<Record<EventLevel, readonly string[]>> = {
  error: ['err', 'critical', 'crit', 'fatal'],
  warn: ['warning', 'notice', 'info'],
  info: ['notice', 'log'],
  debug: ['verbose'],
  silly: ['trace'],
};

/**
 * Gives the name that a logger has for a level: the same, in any case, or one of its other names. Where it has none of them, what
 * matters most (`error`, `warn`, `info`) gets the name at its place in the logger's own order, the last where that has fewer.
 *
 * @returns `undefined` for `debug` and `silly` where it has no such level: it wants no such lines
 */
export function nameOfLevel(level: EventLevel, levels: Readonly<Record<string, number>>): string | undefined {
  if (Object.hasOwn(levels, level)) return level;
  const names = Object.keys(levels);
  for (const wanted of [level, ...otherNames[level]]) {
    const name = names.find((each) => each.toLowerCase() === wanted);
    if (name !== undefined) return name;
  }
  const place = eventLevels.indexOf(level);
  if (place > eventLevels.indexOf('info')) return undefined;
  const ranked = names.sort((one, other) => (levels[one] ?? 0) - (levels[other] ?? 0));
  return ranked[Math.min(place, ranked.length - 1)];
}
