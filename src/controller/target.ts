import type { ApplicationSpec } from '../api/application.ts';
import { annotations } from '../api/names.ts';
import type { Store } from '../kubernetes/store.ts';
import type { Impediment } from '../rotation/decision.ts';
import type { Target } from '../rotation/observation.ts';
import { adoptionObstacle } from './backing-secret/adoption.ts';
import { type Identity, type Ownership, ownershipOf } from './backing-secret/ownership.ts';
import { type Malformed, readRecord } from './backing-secret/read.ts';
import { readSpec } from './read-spec.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';

/** What the Secret is to the application under whose name it stands; undefined: there is none. */
export function classifyTarget(
  applications: Store<OIDCApplication>,
  identity: Identity,
  spec: ApplicationSpec,
  target: SecretObject | undefined,
): Target {
  if (target === undefined) return { kind: 'free' };
  if (target.metadata.deletionTimestamp !== undefined) {
    return obstructed('SecretTerminating', `Secret ${target.metadata.name} is being deleted.`);
  }
  const ownership = ownershipOf(target, identity);
  if (ownership.kind === 'predecessor') {
    return obstructed(
      'SecretTerminating',
      `Secret ${target.metadata.name} goes with the deleted OIDCApplication ${identity.name}.`,
    );
  }
  if (ownership.kind === 'ours') {
    const reading = readRecord(target);
    return reading.kind === 'record'
      ? { kind: 'ours' }
      : { kind: 'obstructed', impediment: malformedSecret(target, reading.malformed) };
  }
  const live =
    ownership.kind === 'application' ? claimant(applications, ownership.name, target) : undefined;
  const offered = target.metadata.annotations?.[annotations.adoptBy] === identity.name;
  if (offered && live === undefined && ownership.kind !== 'controller') {
    const obstacle = adoptionObstacle(target, spec);
    return obstacle === undefined ? { kind: 'adoptable' } : obstructed('SecretConflict', obstacle);
  }
  return obstructed('SecretConflict', conflictMessage(target, identity, ownership, live));
}

/** The other application that the Secret belongs to, if it still exists and still names it. */
function claimant(
  applications: Store<OIDCApplication>,
  name: string,
  target: SecretObject,
): string | undefined {
  const { namespace } = target.metadata;
  const other = applications.get(`${namespace}/${name}`);
  if (other === undefined) return undefined;
  const { spec } = readSpec({ namespace, name }, other);
  return spec.secretName === target.metadata.name ? name : undefined;
}

function conflictMessage(
  target: SecretObject,
  identity: Identity,
  ownership: Ownership,
  live: string | undefined,
): string {
  const { name } = target.metadata;
  const adopt = `annotate it with ${annotations.adoptBy}=${identity.name}`;
  switch (ownership.kind) {
    case 'controller':
      return (
        `Secret ${name} is owned by ${ownership.owner}. Choose another spec.secret.name, ` +
        'or delete that Secret, if nothing uses it.'
      );
    case 'application':
      return live === undefined
        ? `Secret ${name} belongs to OIDCApplication ${ownership.name}, which does not use it any ` +
            `more. To take it over, ${adopt}; or choose another spec.secret.name.`
        : `Secret ${name} belongs to OIDCApplication ${live}. Choose another spec.secret.name.`;
    case 'provider':
      return (
        `Secret ${name} was published for ${ownership.provider ?? 'no identity provider'}, not for ` +
        `${identity.provider ?? 'none'}. Choose another spec.secret.name, or delete it, if nothing uses it.`
      );
    default:
      return (
        `Secret ${name} exists and is not managed by Keyturn. Choose another spec.secret.name; to take ` +
        `it over with the client secret in it, ${adopt}; or delete it, if nothing uses it.`
      );
  }
}

export function malformedSecret(
  secret: SecretObject,
  { annotation, problem }: Malformed,
): Impediment {
  return {
    reason: 'SecretMalformed',
    message:
      `Annotation ${annotation} of Secret ${secret.metadata.name} ${problem}, so nothing is done ` +
      'with it. Put the annotation right, as from a backup. If the Secret is deleted instead, a new client ' +
      'secret is issued, but a revoked one is not known any more and could come back.',
  };
}

function obstructed(reason: Impediment['reason'], message: string): Target {
  return { kind: 'obstructed', impediment: { reason, message } };
}
