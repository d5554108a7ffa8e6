import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What a relying party asks: the part of the options that an authenticator looks at. */
export interface AuthenticatorOptions {
  readonly challenge: string;
  /** Of an assertion. */
  readonly rpId?: string;
  /** Of a registration. */
  readonly rp?: { readonly id?: string };
  readonly user?: { readonly id: string };
}

/** What a browser and an authenticator that are not what they should be say instead. */
export interface Deviation {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly userVerified?: boolean;
  readonly counter?: number;
  readonly type?: string;
  readonly userHandle?: string;
}

/** A browser with a passkey in it: real keys and real signatures (WebAuthn, ES256, attestation "none"). */
export interface SoftwareAuthenticator {
  readonly credentialId: string;
  /** navigator.credentials.create(), as JSON. */
  create(options: AuthenticatorOptions, deviation?: Deviation): Record<string, unknown>;
  /** navigator.credentials.get(), as JSON. */
  get(options: AuthenticatorOptions, deviation?: Deviation): Record<string, unknown>;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const CREDENTIAL_INCLUDED = 0x40;

/** @param options `counts`: whether it counts its signatures; most that are synchronised do not. */
export function createSoftwareAuthenticator({
  origin,
  counts = true,
}: {
  readonly origin: string;
  readonly counts?: boolean;
}): SoftwareAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(32);
  let signatures = 0;
  let owner: string | undefined;

  const clientData = (type: string, { challenge }: AuthenticatorOptions, deviation: Deviation) =>
    Buffer.from(
      JSON.stringify({
        type: deviation.type ?? type,
        challenge: deviation.challenge ?? challenge,
        origin: deviation.origin ?? origin,
        crossOrigin: false,
      }),
    );

  const authenticatorData = (rpId: string, deviation: Deviation, credential = Buffer.alloc(0)): Buffer => {
    if (counts) signatures += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(deviation.counter ?? signatures);
    const verified = (deviation.userVerified ?? true) ? VERIFIED : 0;
    const flags = PRESENT + verified + (credential.length > 0 ? CREDENTIAL_INCLUDED : 0);
    return Buffer.concat([
      createHash('sha256')
        .update(deviation.rpId ?? rpId)
        .digest(),
      Buffer.from([flags]),
      counter,
      credential,
    ]);
  };

  const answer = (response: Record<string, unknown>) => {
    const id = credentialId.toString('base64url');
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  };

  return {
    credentialId: credentialId.toString('base64url'),
    create(options, deviation = {}) {
      owner = options.user?.id;
      const coseKey = cbor(
        new Map<number, number | Buffer>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      );
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const credential = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey]);
      const authData = authenticatorData(options.rp?.id ?? '', deviation, credential);
      const attestation = new Map<string, CborValue>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]);
      return answer({
        clientDataJSON: clientData('webauthn.create', options, deviation).toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
        transports: ['internal'],
      });
    },
    get(options, deviation = {}) {
      const client = clientData('webauthn.get', options, deviation);
      const authData = authenticatorData(options.rpId ?? '', deviation);
      const signed = Buffer.concat([authData, createHash('sha256').update(client).digest()]);
      return answer({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
        userHandle: deviation.userHandle ?? owner,
      });
    },
  };
}

type CborValue = number | string | Buffer | ReadonlyMap<number | string, CborValue>;

/** As much of CBOR (RFC 8949) as an authenticator needs. */
function cbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
  if (typeof value === 'string') return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([cborHead(2, value.length), value]);
  const entries = [...value].flatMap(([key, item]) => [cbor(key), cbor(item)]);
  return Buffer.concat([cborHead(5, value.size), ...entries]);
}

function cborHead(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([major * 32 + length]);
  if (length < 256) return Buffer.from([major * 32 + 24, length]);
  const head = Buffer.from([major * 32 + 25, 0, 0]);
  head.writeUInt16BE(length, 1);
  return head;
}
