import { createPrivateKey, X509Certificate } from 'node:crypto';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { createAuthority, issueClientCertificate, issueServerCertificate } from './certificates.ts';

const authority = createAuthority();
const authorityCertificate = new X509Certificate(authority.certificate);

test('the authority is a CA that signed itself', () => {
  expect(authorityCertificate.ca).toBe(true);
  expect(authorityCertificate.verify(authorityCertificate.publicKey)).toBe(true);
});

test('a client certificate names user and groups and is signed by the authority', () => {
  const issued = issueClientCertificate(authority, {
    commonName: 'jürgen',
    organizations: ['team-a', 'x'.repeat(200)],
  });
  const certificate = new X509Certificate(issued.certificate);
  expect(certificate.subject).toBe(`O=team-a\nO=${'x'.repeat(200)}\nCN=jürgen`);
  expect(certificate.issuer).toBe(authorityCertificate.subject);
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(authorityCertificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(issued.key))).toBe(true);
});

test('TLS with mutual authentication accepts both kinds', async () => {
  const server = issueServerCertificate(authority, ['127.0.0.1', 'localhost']);
  const client = issueClientCertificate(authority, { commonName: 'anna' });
  const listener = createServer({
    ca: authority.certificate,
    cert: server.certificate,
    key: server.key,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const accepted = new Promise<TLSSocket>((resolve, reject) => {
    listener.once('secureConnection', resolve).once('tlsClientError', reject);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  const socket = connect({
    host: '127.0.0.1',
    port: address !== null && typeof address === 'object' ? address.port : 0,
    ca: authority.certificate,
    cert: client.certificate,
    key: client.key,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
    });
    expect((await accepted).getPeerCertificate().subject.CN).toBe('anna');
  } finally {
    socket.destroy();
    listener.close();
  }
});
