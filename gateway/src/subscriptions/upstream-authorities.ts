import { rootCertificates } from 'node:tls';

/** Options of a TLS connection that trusts these certificates, in PEM, beside the public authorities. */
export function trustedAuthorities(certificates: string | undefined): { readonly ca?: string[] } {
  return certificates === undefined ? {} : { ca: [...rootCertificates, certificates] };
}
