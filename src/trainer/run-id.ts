import { randomBytes } from 'node:crypto';

/** Makes the id of a run: sortable by its beginning, readable, unique, and fit to name a folder: `20260131-184502-4f9a1c`. */
export function createRunId(wallMs: number): string {
  const digits = new Date(wallMs).toISOString().replaceAll(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(3).toString('hex')}`;
}

/** What may be an id: it names a folder on every system, so no separators, no leading dot and no dot at the end. */
export const runIdPattern = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?$/;
