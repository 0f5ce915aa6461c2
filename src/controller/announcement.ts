/** What is told of a step, in an event and a line of the log. */
export interface Announcement {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

export function normal(reason: string, note: string): Announcement {
  return { type: 'Normal', reason, note };
}

export function warning(reason: string, note: string): Announcement {
  return { type: 'Warning', reason, note };
}
