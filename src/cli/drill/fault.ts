/** What a deliberately bad evaluator does, each of which breaks one rule. */
export type Fault =
  /** Without rest, where it has a thread or a process of its own: so it takes all that it gets of the processor, too. */
  | { readonly does: 'never answer' }
  | { readonly does: 'never end an item' }
  | { readonly does: 'never load' }
  | { readonly does: 'take memory'; readonly toMb: number }
  /** As many programs that burn, each in a session of its own, where the lowest priority says nothing against the training's. */
  | { readonly does: 'slow the training'; readonly burners: number }
  | { readonly does: 'fail' };
