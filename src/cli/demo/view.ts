import type { RunEvent } from '../../events/index.ts';
import type { DemoState } from './demo-state.ts';

/** Where the demo writes to: a terminal, a pipe, or a test's own. */
export interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Shows a run while it goes on. */
export interface View {
  /** @param state the fold of every event up to and with this one */
  update(state: DemoState, event: RunEvent): void;
  /** Writes what is left, and gives the terminal back. A second call does nothing. */
  close(): void;
}

/** Shows nothing: for `--json`. */
export const silentView: View = { update: () => undefined, close: () => undefined };
