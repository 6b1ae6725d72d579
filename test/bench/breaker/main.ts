// Prints what a circuit breaker costs a call, beside cockatiel and opossum on the same calls.
import { printChapters } from '../print-chapters.ts';
import { admittedCall } from './admitted-call.ts';
import { flatness } from './flatness.ts';
import { rejection } from './rejection.ts';

const preface = `# What the circuit breaker costs

A call here does nothing: it is an async function that resolves at once, so that what is told is the breaker's own cost. An
evaluation takes seconds, beside which none of this counts; it counts where a breaker is used for small calls.`;

await printChapters('breaker', preface, [admittedCall, rejection, flatness]);
