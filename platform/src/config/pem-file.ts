import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A variable that names a PEM file with certificates. The value is the text of the file. */
export function certificateFile(): z.ZodType<string, string> {
  return pemFile((pem) => {
    if (!pem.includes('-----BEGIN CERTIFICATE-----'))
      return 'holds no certificate in PEM (-----BEGIN CERTIFICATE-----)';
    return failureOf(() => new X509Certificate(pem), 'holds a certificate that cannot be read');
  });
}

/** A variable that names a PEM file with a private key. The value is the text of the file. */
export function privateKeyFile(): z.ZodType<string, string> {
  return pemFile((pem) => {
    if (/ENCRYPTED/.test(pem)) return 'holds an encrypted key: write it without a passphrase, with `openssl pkey`';
    if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
      return 'holds no private key in PEM (-----BEGIN PRIVATE KEY-----)';
    return failureOf(() => createPrivateKey(pem), 'holds a private key that cannot be read');
  });
}

/** Whether a certificate was made for a private key, both in PEM. */
export function areOfOnePair({ cert, key }: { readonly cert: string; readonly key: string }): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

/** `problemOf` says what is wrong with the text, never quoting it. */
function pemFile(problemOf: (pem: string) => string | undefined): z.ZodType<string, string> {
  return z.string().transform((file, context) => {
    let pem: string;
    try {
      pem = readFileSync(file, 'utf8');
    } catch (error) {
      context.addIssue({ code: 'custom', message: `cannot be read: ${(error as Error).message}` });
      return z.NEVER;
    }
    const problem = problemOf(pem);
    if (problem === undefined) return pem;
    context.addIssue({ code: 'custom', message: `${file} ${problem}` });
    return z.NEVER;
  });
}

function failureOf(read: () => unknown, problem: string): string | undefined {
  try {
    read();
    return undefined;
  } catch {
    return problem;
  }
}
