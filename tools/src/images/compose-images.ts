import path from 'node:path';
import type { ComposeFile, ComposeService } from './compose-file.js';

/** A service of ORION that runs from an image of images/. */
export interface BuiltService {
  /** Name in the Compose file. */
  readonly service: string;
  /** `gateway`, or the name of the subgraph. */
  readonly workspace: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  /** In place of the image's own. */
  readonly command: readonly string[] | undefined;
}

/** The services whose images are built here, in the order of the file. */
export function builtServices(file: ComposeFile): readonly BuiltService[] {
  return Object.entries(file.services).flatMap(([service, definition]) => {
    const built = builtImage(definition);
    return built === undefined ? [] : [{ service, ...built, command: definition.command }];
  });
}

/** Those of them that run what the image is for, and not a command of their own. */
export function mainServices(file: ComposeFile): readonly BuiltService[] {
  return builtServices(file).filter(({ command }) => command === undefined);
}

/** What the image of a service is built from, undefined for an image from elsewhere. */
export function builtImage({ build }: ComposeService): Omit<BuiltService, 'service' | 'command'> | undefined {
  if (build?.dockerfile === undefined) return undefined;
  const args = build.args ?? {};
  return {
    workspace: args['SUBGRAPH'] ?? path.basename(build.dockerfile, '.Dockerfile'),
    dockerfile: build.dockerfile,
    args,
  };
}
