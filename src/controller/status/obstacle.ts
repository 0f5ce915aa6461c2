/** What stands in the way, at the backing Secret or at the identity provider. */
export interface Obstacle {
  readonly reason: string;
  readonly message: string;
}
