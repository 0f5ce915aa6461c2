import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1PolicyRule } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';

const deployed = join(import.meta.dirname, '../../deploy/base/rbac.yaml');

/** A right to one thing: `patch secrets`, `patch oidcapplications/status`. */
export interface Right {
  readonly verbs: readonly string[];
  readonly resource: string;
  /** Where it is granted for one object alone. */
  readonly name?: string;
}

interface Granting {
  readonly kind: string;
  readonly rules?: readonly V1PolicyRule[];
}

/** The rules that deploy/ grants, by ClusterRoles and Roles alike unless one kind is asked for. */
export function deployedRules(wanted?: 'ClusterRole'): V1PolicyRule[] {
  return parseAllDocuments(readFileSync(deployed, 'utf8')).flatMap((document) => {
    const { kind, rules = [] }: Granting = document.toJS();
    return wanted === undefined || kind === wanted ? rules : [];
  });
}

/** What deploy/ grants, one verb and one resource each. */
export function deployedRights(): Right[] {
  return deployedRules().flatMap(({ verbs, resources = [], resourceNames: [name] = [] }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => ({ verbs: [verb], resource, ...(name !== undefined && { name }) })),
    ),
  );
}

/** The rules without a right, which one of them must grant. */
export function rulesWithout(rules: readonly V1PolicyRule[], right: Right): V1PolicyRule[] {
  const concerns = ({ resources }: V1PolicyRule) => resources?.includes(right.resource) === true;
  const granted = rules.filter(concerns).flatMap(({ verbs }) => verbs);
  const missing = right.verbs.filter((verb) => !granted.includes(verb));
  if (missing.length > 0) throw new Error(`${missing.join()} ${right.resource} is not granted`);
  return rules
    .map((rule) =>
      concerns(rule)
        ? { ...rule, verbs: rule.verbs.filter((verb) => !right.verbs.includes(verb)) }
        : rule,
    )
    .filter(({ verbs }) => verbs.length > 0);
}
