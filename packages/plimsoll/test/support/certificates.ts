/** Certificates for tests as PEM text; certificates/README.md says what each is. */
import { readFileSync } from 'node:fs';

export type CertificateName = 'server' | 'wrong-name' | 'expired' | 'self-signed' | 'client';

const folder = new URL('certificates/', import.meta.url);

export function pem(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

/** What node:tls and node:https servers, and `tls` of a test, want. */
export function certificate(name: CertificateName): { readonly cert: string; readonly key: string } {
  return { cert: pem(`${name}.pem`), key: pem(`${name}.key`) };
}

export const authority: string = pem('ca.pem');
