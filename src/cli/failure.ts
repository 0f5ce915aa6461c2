import { ApiError, NetworkError } from '../kubernetes/api-error.ts';

/** How the plugin's process ends; docs/kubectl.md and every `--help` tell of them. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notConfirmed: 3,
  notReached: 4,
  appliedElsewhere: 5,
} as const;

type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Why a command ends early, in words for whoever gave it. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Says what went wrong with a request to the API server, and what to do where that is plain. */
export function explain(error: unknown): string {
  if (error instanceof NetworkError) {
    return `The API server cannot be reached: ${firstLine(error.message)}`;
  }
  if (!(error instanceof ApiError)) return firstLine(String(error));
  switch (error.status) {
    case 401:
      return `The API server does not know the credentials of this kubeconfig: ${firstLine(error.message)}`;
    case 403:
      return `The API server does not allow it: ${firstLine(error.message)}`;
    case 404:
      return isAboutObject(error)
        ? firstLine(error.message)
        : 'Keyturn is not installed here: the cluster has no resource oidcapplications.keyturn.dev.';
    default:
      return firstLine(error.message);
  }
}

/** The API server names an object that is missing; of a missing resource it says no more. */
function isAboutObject({ message }: ApiError): boolean {
  return message.includes('oidcapplications.keyturn.dev "');
}

function firstLine(text: string): string {
  return text
    .replace(/^\w*Error: /, '')
    .split('\n', 1)
    .join('')
    .trim();
}
