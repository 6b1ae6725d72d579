/** The format of a journal's lines, told by its first: who knows only lower ones must not read them. One that tells none is of the first. */
export const journalFormat = 1;
