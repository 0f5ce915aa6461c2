/** A step that failed, with a message that holds no secret value. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs: number | undefined) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}
