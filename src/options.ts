import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './api/duration.ts';
import type { LeaderElection } from './operator.ts';
import { LOG_LEVELS, type LogLevel } from './telemetry/log.ts';
import { version } from './version.ts';

/** What the command line and the environment ask for. */
export interface Options {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespaces: readonly string[];
  readonly concurrency: number;
  readonly operatorNamespace: string | undefined;
  readonly clusterProviders: boolean;
  readonly pauseRotations: boolean;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
  readonly leaderElection: LeaderElection | undefined;
}

interface Parsed {
  kubeconfig?: string;
  context?: string;
  namespaces: string[];
  concurrency: number;
  operatorNamespace?: string;
  clusterProviders: boolean;
  pauseRotations: boolean;
  listen: Options['listen'];
  logLevel: LogLevel;
  logFormat?: 'text' | 'json';
  leaderElect: boolean;
  leaderElectionNamespace?: string;
  leaseDuration: number;
  renewDeadline: number;
  retryPeriod: number;
}

/**
 * Reads flags, then environment variables, then defaults. `--help` and a bad value end the process,
 * with status 0 and 1.
 */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('keyturn')
    .description(
      'Issues, rotates, retains and revokes the client secrets of OIDC applications, as their ' +
        'OIDCApplication resources declare.',
    )
    .version(version)
    .allowExcessArguments(false)
    .addOption(
      new Option(
        '--kubeconfig <file>',
        "kubeconfig to connect with; left out: ~/.kube/config, else the Pod's service account",
      ).env('KUBECONFIG'),
    )
    .addOption(
      new Option('--context <name>', 'context of the kubeconfig; left out: its current one').env(
        'KEYTURN_CONTEXT',
      ),
    )
    .addOption(
      new Option(
        '--namespaces <names>',
        'namespaces to work in, separated by commas; left out: all of the cluster',
      )
        .env('KEYTURN_NAMESPACES')
        .default([], 'all')
        .argParser(namespaceList),
    )
    .addOption(
      new Option('--concurrency <number>', 'how many applications are worked on at once')
        .env('KEYTURN_CONCURRENCY')
        .default(20)
        .argParser(wholeNumber(1, 1000)),
    )
    .addOption(
      new Option(
        '--operator-namespace <name>',
        "namespace with the credentials of ClusterOIDCProviders; left out: the Pod's own",
      )
        .env('KEYTURN_OPERATOR_NAMESPACE')
        .argParser(namespaceName),
    )
    .addOption(
      new Option(
        '--cluster-providers [boolean]',
        'whether to serve ClusterOIDCProviders, which takes rights on the whole cluster',
      )
        .env('KEYTURN_CLUSTER_PROVIDERS')
        .preset('true')
        .default(true)
        .argParser(boolean),
    )
    .addOption(
      new Option(
        '--pause-rotations [boolean]',
        'start no rotation by rotateAfter or every; expiry and revocation go on',
      )
        .env('KEYTURN_PAUSE_ROTATIONS')
        .preset('true')
        .default(false)
        .argParser(boolean),
    )
    .addOption(
      new Option(
        '--listen <address>',
        'host:port of /healthz, /readyz and /metrics; "none": not served; port 0: any free one',
      )
        .env('KEYTURN_LISTEN')
        .default({ host: '0.0.0.0', port: 8080 }, '0.0.0.0:8080')
        .argParser(address),
    )
    .addOption(
      new Option(
        '--leader-elect [boolean]',
        'work only while holding a Lease, so that several replicas can run',
      )
        .env('KEYTURN_LEADER_ELECT')
        .preset('true')
        .default(false)
        .argParser(boolean),
    )
    .addOption(
      new Option(
        '--leader-election-namespace <name>',
        "namespace of the Lease; left out: the Pod's own",
      ).env('KEYTURN_LEADER_ELECTION_NAMESPACE'),
    )
    .addOption(
      new Option(
        '--lease-duration <duration>',
        'how long the other replicas wait for a silent leader',
      )
        .env('KEYTURN_LEASE_DURATION')
        .default(15_000, '15s')
        .argParser(duration),
    )
    .addOption(
      new Option('--renew-deadline <duration>', 'when a leader that cannot renew gives up')
        .env('KEYTURN_RENEW_DEADLINE')
        .default(10_000, '10s')
        .argParser(duration),
    )
    .addOption(
      new Option('--retry-period <duration>', 'how often the Lease is renewed or tried for')
        .env('KEYTURN_RETRY_PERIOD')
        .default(2_000, '2s')
        .argParser(duration),
    )
    .addOption(
      new Option('--log-level <level>', 'the least that is logged')
        .env('KEYTURN_LOG_LEVEL')
        .default('info')
        .choices(LOG_LEVELS),
    )
    .addOption(
      new Option('--log-format <format>', 'left out: text on a terminal, else json')
        .env('KEYTURN_LOG_FORMAT')
        .choices(['text', 'json']),
    );
  const parsed = command.parse(argv, { from: 'user' }).opts<Parsed>();
  return {
    // kubectl too takes an empty KUBECONFIG for none.
    kubeconfig: parsed.kubeconfig || undefined,
    context: parsed.context || undefined,
    namespaces: parsed.namespaces,
    concurrency: parsed.concurrency,
    operatorNamespace: parsed.operatorNamespace ?? podNamespace(),
    clusterProviders: parsed.clusterProviders,
    pauseRotations: parsed.pauseRotations,
    listen: parsed.listen,
    logLevel: parsed.logLevel,
    logFormat: parsed.logFormat ?? (process.stderr.isTTY ? 'text' : 'json'),
    leaderElection: parsed.leaderElect ? leaderElection(command, parsed) : undefined,
  };
}

const LEASE = 'keyturn';

function leaderElection(command: Command, parsed: Parsed): LeaderElection {
  const { leaseDuration, renewDeadline, retryPeriod } = parsed;
  const namespace = parsed.leaderElectionNamespace ?? podNamespace();
  if (namespace === undefined) {
    command.error('error: outside of a Pod, --leader-elect needs --leader-election-namespace.');
  }
  if (leaseDuration <= renewDeadline || renewDeadline <= 1.2 * retryPeriod) {
    command.error(
      'error: --lease-duration must be greater than --renew-deadline, and that greater than ' +
        '1.2 times --retry-period.',
    );
  }
  return {
    namespace,
    name: LEASE,
    leaseDurationMs: leaseDuration,
    renewDeadlineMs: renewDeadline,
    retryPeriodMs: retryPeriod,
  };
}

function podNamespace(): string | undefined {
  try {
    return readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/namespace', 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** So that false in a variable is false. */
function boolean(text: string): boolean {
  if (text !== 'true' && text !== 'false')
    throw new InvalidArgumentError('It must be true or false.');
  return text === 'true';
}

function duration(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined || parsed < 1000) {
    throw new InvalidArgumentError('It must be a duration of at least a second, as in 15s.');
  }
  return parsed;
}

function namespaceList(text: string): string[] {
  return [...new Set(text.split(',').map((name) => namespaceName(name.trim())))];
}

function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError(`"${text}" is not the name of a namespace.`);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

function address(text: string): Options['listen'] {
  if (text === 'none') return undefined;
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new InvalidArgumentError('It must be host:port, [IPv6]:port, :port or "none".');
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}
