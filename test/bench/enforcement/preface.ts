/** How the page begins that the figures are printed to. */
export const preface = `# What enforcement costs, and how far it holds

[How limits are held](how-limits-are-held.md) says what is done. This page says what that comes to: it is printed by the program
that measures it, as it is, from one run on one machine. Ratios, and whether something is held at all, carry over to other
machines; milliseconds do not. A row where another is better stays in.

Beside Pitwall stands what one would take without it, on the same case: a promise in the training's own process with rxjs
\`timeout\`, a worker thread with \`worker.terminate()\`, a pool of them (piscina) with an \`AbortSignal\`, a process
(execa) with \`timeout\` and \`forceKillAfterDelay\`. Each is used as its manual shows it.

An estimate holds its target where its whole 95% interval does; where the interval lies on both sides, it "cannot be told".
`;
