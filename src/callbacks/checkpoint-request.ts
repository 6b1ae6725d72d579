/** What is to be saved. */
export interface CheckpointRequest {
  readonly epoch: number;
  /** Of the whole run. */
  readonly step: number;
  /** What the epoch has ended with. */
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** What a checkpoint file is to hold: a text is written as UTF-8, an array with its bytes. */
export type CheckpointBytes = string | ArrayBufferView | ArrayBufferLike;

/** Gives what a checkpoint file is to hold. */
export type SaveCheckpoint = (request: CheckpointRequest) => CheckpointBytes | PromiseLike<CheckpointBytes>;
