import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, createSigningKey, issueServerCertificate } from './certificates.ts';

/** The paths of the key material that the components read. */
export interface Pki {
  readonly caCertificate: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly serviceAccountPublicKey: string;
  readonly serviceAccountKey: string;
}

/** Makes a certificate authority, the server's certificate and the token signing key as files. */
export function writePki(directory: string): Pki {
  const write = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const authority = createAuthority();
  write('ca.key', authority.key);
  const server = issueServerCertificate(authority, ['127.0.0.1', 'localhost', 'kubernetes']);
  const signing = createSigningKey();
  return {
    caCertificate: write('ca.crt', authority.certificate),
    serverCertificate: write('server.crt', server.certificate),
    serverKey: write('server.key', server.key),
    serviceAccountPublicKey: write('service-account.pub', signing.publicKey),
    serviceAccountKey: write('service-account.key', signing.privateKey),
  };
}
