import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, boolean, sequence, tagged } from './der.ts';
import { extendedKeyUsage, extension, oid, type Subject, signCertificate } from './x509.ts';

/** A certificate and its private key (PKCS #8), both in PEM. */
export interface KeyCertificate {
  readonly certificate: string;
  readonly key: string;
}

const authoritySubject: Subject = { commonName: 'keyturn-testbed' };
const tenYearsMs = 3650 * 24 * 60 * 60 * 1000;
const digitalSignature = bitString(Buffer.from([0x80]), 7);
const certificateSign = bitString(Buffer.from([0x04]), 2);

/** Makes a self-signed certificate authority with a new P-256 key. */
export function createAuthority(): KeyCertificate {
  const { privateKey, publicKey } = newKeyPair();
  const extensions = [
    extension(oid.basicConstraints, sequence(boolean(true)), true),
    extension(oid.keyUsage, certificateSign, true),
  ];
  const names = { subject: authoritySubject, issuer: authoritySubject };
  const keys = { publicKey, issuerKey: privateKey };
  return {
    certificate: signCertificate(names, keys, extensions, tenYearsMs),
    key: privateKeyPem(privateKey),
  };
}

/** Issues a client certificate for a Kubernetes user; its end is rounded down to a second. */
export function issueClientCertificate(
  authority: KeyCertificate,
  subject: Subject,
  validForMs = tenYearsMs,
) {
  return issue(authority, subject, [extendedKeyUsage(oid.clientAuthentication)], validForMs);
}

/** Issues a server certificate for DNS names and IPv4 addresses. */
export function issueServerCertificate(authority: KeyCertificate, hosts: readonly string[]) {
  const names = hosts.map((host) =>
    isIP(host) === 4
      ? tagged(0x87, Buffer.from(host.split('.').map(Number)))
      : tagged(0x82, Buffer.from(host)),
  );
  const extensions = [
    extendedKeyUsage(oid.serverAuthentication),
    extension(oid.subjectAlternativeName, sequence(...names)),
  ];
  return issue(authority, { commonName: 'kube-apiserver' }, extensions, tenYearsMs);
}

/** Makes a P-256 key pair in PEM, as the API server takes it to sign ServiceAccount tokens. */
export function createSigningKey(): { publicKey: string; privateKey: string } {
  const { privateKey, publicKey } = newKeyPair();
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKeyPem(privateKey),
  };
}

function issue(
  authority: KeyCertificate,
  subject: Subject,
  extensions: readonly Buffer[],
  validForMs: number,
): KeyCertificate {
  const { privateKey, publicKey } = newKeyPair();
  const keys = { publicKey, issuerKey: createPrivateKey(authority.key) };
  const all = [extension(oid.keyUsage, digitalSignature, true), ...extensions];
  return {
    certificate: signCertificate({ subject, issuer: authoritySubject }, keys, all, validForMs),
    key: privateKeyPem(privateKey),
  };
}

function newKeyPair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
