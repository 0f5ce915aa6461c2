import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  boolean,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  unsignedInteger,
  utcTime,
  utf8String,
} from './der.ts';

/** A certificate and its private key (PKCS #8), both in PEM. */
export interface KeyCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A subject as Kubernetes reads it: the common name is the user, organizations are its groups. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

const oid = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
} as const;

const authoritySubject: Subject = { commonName: 'keyturn-testbed' };
const dayMs = 24 * 60 * 60 * 1000;
const signatureAlgorithm = sequence(objectIdentifier(oid.ecdsaWithSha256));
const digitalSignature = bitString(Buffer.from([0x80]), 7);
const certificateSign = bitString(Buffer.from([0x04]), 2);

/** Makes a self-signed certificate authority with a new P-256 key. */
export function createAuthority(): KeyCertificate {
  const { privateKey, publicKey } = newKeyPair();
  return signCertificate(authoritySubject, publicKey, privateKey, privateKey, [
    extension(oid.basicConstraints, sequence(boolean(true)), true),
    extension(oid.keyUsage, certificateSign, true),
  ]);
}

/** Issues a client certificate for a Kubernetes user. */
export function issueClientCertificate(authority: KeyCertificate, subject: Subject) {
  return issue(authority, subject, [extendedKeyUsage(oid.clientAuthentication)]);
}

/** Issues a server certificate for DNS names and IPv4 addresses. */
export function issueServerCertificate(authority: KeyCertificate, hosts: readonly string[]) {
  const names = hosts.map((host) =>
    isIP(host) === 4
      ? tagged(0x87, Buffer.from(host.split('.').map(Number)))
      : tagged(0x82, Buffer.from(host)),
  );
  return issue(authority, { commonName: 'kube-apiserver' }, [
    extendedKeyUsage(oid.serverAuthentication),
    extension(oid.subjectAlternativeName, sequence(...names)),
  ]);
}

/** Makes a P-256 key pair in PEM, as the API server takes it to sign ServiceAccount tokens. */
export function createSigningKey(): { publicKey: string; privateKey: string } {
  const { privateKey, publicKey } = newKeyPair();
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKeyPem(privateKey),
  };
}

function issue(authority: KeyCertificate, subject: Subject, extensions: Buffer[]): KeyCertificate {
  const { privateKey, publicKey } = newKeyPair();
  return signCertificate(subject, publicKey, privateKey, createPrivateKey(authority.key), [
    extension(oid.keyUsage, digitalSignature, true),
    ...extensions,
  ]);
}

/** Assembles and signs an X.509 v3 certificate (RFC 5280, section 4.1). */
function signCertificate(
  subject: Subject,
  publicKey: KeyObject,
  privateKey: KeyObject,
  issuerKey: KeyObject,
  extensions: Buffer[],
): KeyCertificate {
  const now = Date.now();
  const toBeSigned = sequence(
    tagged(0xa0, unsignedInteger(Buffer.from([2]))),
    unsignedInteger(randomBytes(16)),
    signatureAlgorithm,
    distinguishedName(authoritySubject),
    sequence(utcTime(new Date(now - dayMs)), utcTime(new Date(now + 3650 * dayMs))),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = bitString(sign('sha256', toBeSigned, issuerKey));
  const certificate = sequence(toBeSigned, signatureAlgorithm, signature);
  return { certificate: certificatePem(certificate), key: privateKeyPem(privateKey) };
}

function distinguishedName({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (type: string, value: string) =>
    set(sequence(objectIdentifier(type), utf8String(value)));
  return sequence(
    ...organizations.map((organization) => attribute(oid.organization, organization)),
    attribute(oid.commonName, commonName),
  );
}

function extension(type: string, value: Buffer, critical = false): Buffer {
  const criticality = critical ? [boolean(true)] : [];
  return sequence(objectIdentifier(type), ...criticality, octetString(value));
}

function extendedKeyUsage(purpose: string): Buffer {
  return extension(oid.extendedKeyUsage, sequence(objectIdentifier(purpose)));
}

function newKeyPair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function certificatePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
