import type { Grant, LabelSelector, LabelSelectorRequirement } from './oidcprovider.gen.ts';

/** Who wants to manage which client. */
export interface GrantRequest {
  readonly namespace: string;
  /** The namespace's labels; undefined while they are not known. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly clientID: string;
}

/** `unknown` where it depends on labels that are not known. */
export type Coverage = 'covered' | 'uncovered' | 'unknown';

const PLACEHOLDER = '{namespace}';

/** Whether one of the grants covers the request. */
export function coverageOf(
  grants: readonly Grant[],
  { namespace, labels, clientID }: GrantRequest,
): Coverage {
  let unknown = false;
  for (const { namespaces, namespaceSelector, clientIDs } of grants) {
    if (!clientIDs.some((pattern) => matchesClientID(pattern, namespace, clientID))) continue;
    if (namespaces?.includes(namespace) === true) return 'covered';
    if (namespaceSelector === undefined) continue;
    if (labels === undefined) unknown = true;
    else if (matchesLabels(namespaceSelector, labels)) return 'covered';
  }
  return unknown ? 'unknown' : 'uncovered';
}

/**
 * Whether a pattern names the client for applications of the namespace. A pattern that could name
 * one client for two namespaces by accident, which admission refuses, names none.
 */
export function matchesClientID(pattern: string, namespace: string, clientID: string): boolean {
  if (!isSound(pattern)) return false;
  const [before = '', after] = pattern.replaceAll(PLACEHOLDER, () => namespace).split('*');
  if (after === undefined) return clientID === before;
  return (
    clientID.length >= before.length + after.length &&
    clientID.startsWith(before) &&
    clientID.endsWith(after)
  );
}

/** As the CRD's rules have it: what is between `*` and a namespace must tell where that ends. */
function isSound(pattern: string): boolean {
  return (
    /^[^*]*\*?[^*]*$/.test(pattern) &&
    /^[^{}]*$/.test(pattern.replaceAll(PLACEHOLDER, '')) &&
    !/\{namespace\}[-a-z0-9]*\*|\*[-a-z0-9]*\{namespace\}/.test(pattern)
  );
}

function matchesLabels(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const label = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    Object.entries(matchLabels).every(([key, value]) => label(key) === value) &&
    matchExpressions.every((requirement) => holds(requirement, label(requirement.key)))
  );
}

function holds(
  { operator, values = [] }: LabelSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
