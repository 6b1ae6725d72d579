/** What a deliberately bad evaluator does, each of which breaks one rule. */
export type Fault =
  /** Without rest, where it has a thread or a process of its own: so it takes all that it gets of the processor, too. */
  | { readonly does: 'never answer' }
  | { readonly does: 'never end an item' }
  | { readonly does: 'never load' }
  | { readonly does: 'take memory'; readonly toMb: number }
  /** As many programs that burn, each in a session of its own whose priority it raises again and again. */
  | { readonly does: 'slow the training'; readonly burners: number }
  | { readonly does: 'fail' };

/** A shell's program that burns. Where sessions have no priority it has the lowest of its own. */
export const burn = 'while :; do echo 0 >/proc/self/autogroup; for turn in 1 2 3 4 5 6 7 8 9; do :; done; done';
