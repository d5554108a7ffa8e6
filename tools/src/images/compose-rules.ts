import { isOneShot } from './compose-file.js';
import type { ComposeDependency, ComposeFile, ComposeService } from './compose-file.js';
import type { ComposeFault } from './compose-schema.js';
import { interpolationsOf, substitute } from './interpolation.js';

/** What the rules need to know of the images that the Compose file builds. */
export interface ImageFacts {
  /** Names that the image sets itself. */
  readonly environment: readonly string[];
  readonly hasHealthcheck: boolean;
}

/** House rules for services: what the specification allows and production does not. */
export function checkServices(
  file: ComposeFile,
  { images }: { readonly images: Readonly<Record<string, ImageFacts>> },
): readonly ComposeFault[] {
  const faults: ComposeFault[] = [];
  if (file.name === undefined)
    faults.push({ path: [], message: 'the file has no top-level name: the folder would become the project' });
  for (const [name, service] of Object.entries(file.services)) {
    const at = (...path: readonly (string | number)[]): (string | number)[] => ['services', name, ...path];
    faults.push(
      ...checkImage(service).map((message) => ({ path: at('image'), message: `${name}: ${message}` })),
      ...checkPorts(service).map(({ index, message }) => ({
        path: at('ports', index),
        message: `${name}: ${message}`,
      })),
      ...checkSecrets(service).map(({ variable, message }) => ({
        path: at('environment', variable),
        message: `${name}: ${message}`,
      })),
      ...checkDependencies(file, { name, service }).map(({ on, message }) => ({
        path: at('depends_on', on),
        message: `${name}: ${message}`,
      })),
    );
    if (typeof service.command === 'string')
      faults.push({ path: at('command'), message: `${name}: the command needs the exec form, a list` });
    if (!isOneShot(service) && !hasHealthcheck(service, images[name]))
      faults.push({ path: at(), message: `${name}: no healthcheck, neither here nor in the image` });
  }
  return faults;
}

/** Against the digest or a tag of at least major.minor. */
function checkImage({ image }: ComposeService): readonly string[] {
  if (image === undefined) return ['no image: a built image needs a tag as well'];
  const reference = substitute(image, {});
  if (/@sha256:[0-9a-f]{64}$/.test(reference) || /:v?\d+\.\d+[\w.-]*$/.test(reference)) return [];
  return [`the image ${reference} is not pinned to a tag of major.minor at least`];
}

function checkPorts({ ports = [] }: ComposeService): readonly { readonly index: number; readonly message: string }[] {
  return ports.flatMap((port, index) => {
    if (typeof port === 'string' && /^127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+$/.test(port)) return [];
    return [{ index, message: `the port ${JSON.stringify(port)} is not of the form 127.0.0.1:\${NAME:-port}:port` }];
  });
}

const SECRET = /(?:PASSWORD|SECRET|KEY|TOKEN)$/;

/** A secret has no value in the file, and no default. */
function checkSecrets({
  environment = {},
}: ComposeService): readonly { readonly variable: string; readonly message: string }[] {
  return Object.entries(environment).flatMap(([variable, value]) => {
    const text = String(value ?? '');
    const names = interpolationsOf(text);
    const withDefault = names.find(
      ({ name, operator, word }) => SECRET.test(name) && operator.endsWith('-') && word !== '',
    );
    if (withDefault !== undefined) return [{ variable, message: `the secret ${withDefault.name} has a default` }];
    if (value !== null && SECRET.test(variable) && names.length === 0)
      return [{ variable, message: `the value of ${variable} is written in the file` }];
    const password = /:\/\/[^:/@\s]*:([^@\s]*)@/.exec(text)?.[1];
    if (password !== undefined && interpolationsOf(password).length === 0)
      return [{ variable, message: `${variable} has a password written in its URL` }];
    return [];
  });
}

interface DependencyFault {
  readonly on: string | number;
  readonly message: string;
}

function checkDependencies(
  file: ComposeFile,
  { name, service }: { readonly name: string; readonly service: ComposeService },
): readonly DependencyFault[] {
  const dependencies = service.depends_on ?? {};
  if (Array.isArray(dependencies))
    return [{ on: 0, message: 'depends_on is a list: it waits for the start of a service, not for its health' }];
  return Object.entries(dependencies as Readonly<Record<string, ComposeDependency>>).flatMap(
    ([on, { condition, required }]) => {
      const target = file.services[on];
      if (target === undefined) return [{ on, message: `depends on ${on}, which is not a service` }];
      const expected = isOneShot(target) ? 'service_completed_successfully' : 'service_healthy';
      if (condition !== expected) return [{ on, message: `the condition on ${on} has to be ${expected}` }];
      const isOptional = (target.profiles ?? []).some((profile) => !(service.profiles ?? []).includes(profile));
      return isOptional && required !== false
        ? [{ on, message: `${on} is in a profile that ${name} is not in: required has to be false` }]
        : [];
    },
  );
}

function hasHealthcheck({ healthcheck }: ComposeService, image: ImageFacts | undefined): boolean {
  if (healthcheck?.disable === true) return false;
  // Without a test of its own it is that of the image, at other intervals.
  if (healthcheck?.test === undefined) return image?.hasHealthcheck === true;
  return !JSON.stringify(healthcheck.test).includes('NONE');
}
