import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Both in PEM, the key as PKCS #8 without a passphrase. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** An authority of its own for one test. */
export interface TestAuthority {
  /** Its certificate in PEM. */
  readonly ca: string;
  /**
   * A certificate for a server of these names or for a client, valid from now on for so many days: 2 when not given,
   * expired when negative. `commonName` is its subject.
   */
  issue(options: {
    readonly commonName: string;
    readonly names?: readonly string[];
    readonly days?: number;
  }): TestCertificate;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A key and a self-signed certificate for `localhost`. Throws when there is no `openssl`. */
export function createTestCertificate(): TestCertificate {
  return inFolder((at) => {
    selfSign(at, { commonName: 'localhost', extension: 'subjectAltName=DNS:localhost' });
    return { key: readFileSync(at('key.pem'), 'utf8'), cert: readFileSync(at('cert.pem'), 'utf8') };
  });
}

/** Throws when there is no `openssl`. */
export function createTestAuthority(): TestAuthority {
  const own = inFolder((at) => {
    selfSign(at, { commonName: 'ORION test authority', extension: 'keyUsage=critical,keyCertSign' });
    return { key: readFileSync(at('key.pem'), 'utf8'), cert: readFileSync(at('cert.pem'), 'utf8') };
  });
  return {
    ca: own.cert,
    issue: ({ commonName, names = [], days = 2 }) =>
      inFolder((at) => {
        writeFileSync(at('ca.pem'), own.cert);
        writeFileSync(at('ca-key.pem'), own.key);
        writeFileSync(at('extensions'), extensionsOf(names));
        openssl(
          ['req', '-new', ...NEW_KEY, '-subj', `/CN=${commonName}`],
          ['-keyout', at('key.pem'), '-out', at('csr')],
        );
        openssl(
          ['x509', '-req', '-days', String(days), '-in', at('csr'), '-CA', at('ca.pem'), '-CAkey', at('ca-key.pem')],
          ['-CAcreateserial', '-extfile', at('extensions'), '-out', at('cert.pem')],
        );
        return { key: readFileSync(at('key.pem'), 'utf8'), cert: readFileSync(at('cert.pem'), 'utf8') };
      }),
  };
}

function selfSign(
  at: (name: string) => string,
  { commonName, extension }: { readonly commonName: string; readonly extension: string },
): void {
  openssl(
    ['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${commonName}`, '-addext', extension],
    ['-keyout', at('key.pem'), '-out', at('cert.pem')],
  );
}

function extensionsOf(names: readonly string[]): string {
  const list = names.map((name) => `${/^[\d.]+$|:/.test(name) ? 'IP' : 'DNS'}:${name}`);
  return ['basicConstraints=CA:FALSE', ...(list.length === 0 ? [] : [`subjectAltName=${list.join(',')}`])].join('\n');
}

function openssl(command: readonly string[], output: readonly string[]): void {
  execFileSync('openssl', [...command, ...output], { stdio: 'ignore' });
}

function inFolder<T>(work: (at: (name: string) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'orion-tls-'));
  try {
    return work((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
