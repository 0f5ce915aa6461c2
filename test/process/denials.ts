import { once } from 'node:events';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { objectAt, stringAt } from '../../src/kubernetes/json.ts';
import { cluster } from '../setup/cluster.ts';
import { createAuthority, issueServerCertificate } from '../testbed/certificates.ts';

/**
 * Denies writes of the Secret `name` in a namespace, with a message that a CEL expression makes of
 * `object`: on creation, or on each update.
 */
export async function denyByPolicy(
  namespace: string,
  name: string,
  operation: 'CREATE' | 'UPDATE',
  message: (preamble: string) => string,
): Promise<() => Promise<void>> {
  const policy = `${namespace}-${name}`;
  const preamble =
    `secrets "${name}" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding ` +
    `'${policy}' denied request: `;
  await cluster.apply(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${policy}}
spec:
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${namespace}}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [${operation}], resources: [secrets]}]
  matchConditions: [{name: name, expression: "object.metadata.name == '${name}'"}]
  validations:
  - expression: "false"
    messageExpression: ${JSON.stringify(message(preamble))}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${policy}}
spec: {policyName: ${policy}, validationActions: [Deny]}
`);
  return async () => {
    const resources = 'validatingadmissionpolicies,validatingadmissionpolicybindings';
    await cluster.kubectl(['delete', resources, policy]);
  };
}

const WEBHOOK = 'denying.keyturn.test';
const PREAMBLE = `admission webhook "${WEBHOOK}" denied the request: `;

export interface Denial {
  readonly code: number;
  readonly reason: string;
  /** The message, made of the data of the Secret. */
  readonly message: (data: Readonly<Record<string, unknown>>, preamble: string) => string;
}

/** Answers every update of the Secret `name` with a denial. */
export async function denyByWebhook(
  namespace: string,
  name: string,
  { code, reason, message }: Denial,
): Promise<() => Promise<void>> {
  const authority = createAuthority();
  const { certificate, key } = issueServerCertificate(authority, ['127.0.0.1']);
  const server = createServer({ cert: certificate, key }, async (incoming, outgoing) => {
    const review: unknown = JSON.parse(await text(incoming));
    const request = objectAt(review, 'request');
    const data = objectAt(objectAt(request, 'object'), 'data') ?? {};
    const status = { code, reason, message: message(data, PREAMBLE) };
    outgoing.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: stringAt(request, 'uid'), allowed: false, status },
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const configuration = `${namespace}-${name}`;
  await cluster.apply(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: ${configuration}}
webhooks:
- name: ${WEBHOOK}
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig:
    url: https://127.0.0.1:${port}/
    caBundle: ${Buffer.from(authority.certificate).toString('base64')}
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${namespace}}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [secrets]}]
  matchConditions: [{name: name, expression: "object.metadata.name == '${name}'"}]
`);
  return async () => {
    await cluster.kubectl(['delete', 'validatingwebhookconfiguration', configuration]);
    server.close();
    server.closeAllConnections();
  };
}
