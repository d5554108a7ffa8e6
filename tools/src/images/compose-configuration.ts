import { mainServices } from './compose-images.js';
import { composeVariablesOf } from './compose-environment.js';
import type { ComposeFile } from './compose-file.js';
import type { ImageFacts } from './compose-rules.js';
import type { ComposeFault } from './compose-schema.js';
import type { Configurations } from './configuration-schemas.js';

/** Not handed on, and why. */
const NOT_IN_CONTAINERS: Readonly<Record<string, string>> = {
  ROVER_CONFIG: 'the image serves a composed supergraph: SUPERGRAPH',
  CONSOLE_DIR: 'the image has no console',
};

/** A service is given what its configuration schema reads, all of it and nothing else. */
export function checkConfigurations(
  file: ComposeFile,
  {
    configurations,
    images,
  }: { readonly configurations: Configurations; readonly images: Readonly<Record<string, ImageFacts>> },
): readonly ComposeFault[] {
  return mainServices(file).flatMap(({ service, workspace }) => {
    const read = (configurations[workspace] ?? []).map(({ name }) => name);
    const given = Object.keys(file.services[service]?.environment ?? {});
    const inImage = images[service]?.environment ?? [];
    const unknown = given.filter((name) => !read.includes(name));
    const missing = read.filter(
      (name) => !given.includes(name) && !inImage.includes(name) && NOT_IN_CONTAINERS[name] === undefined,
    );
    return [
      ...unknown.map((name) => ({
        path: ['services', service, 'environment', name],
        message: `${service}: its configuration does not read ${name}`,
      })),
      ...missing.map((name) => ({
        path: ['services', service, 'environment'],
        message: `${service}: ${name}, which its configuration reads, is not handed on`,
      })),
    ];
  });
}

/** Every variable that the file takes from .env has a line in .env.example, commented out or not. */
export function checkEnvExample(
  file: ComposeFile,
  { envExample }: { readonly envExample: string },
): readonly ComposeFault[] {
  const listed = new Set([...envExample.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name));
  return composeVariablesOf(file)
    .filter(({ name }) => !listed.has(name))
    .map(({ name }) => ({ path: [], message: `${name} is taken from .env and is not in .env.example` }));
}
