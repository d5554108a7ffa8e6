import { LineCounter, isNode, parseDocument } from 'yaml';
import { Problem } from '../problem/index.js';

/** The parts of a Compose file that the checks read. The schema of the specification checks the whole. */
export interface ComposeFile {
  readonly name?: string;
  readonly services: Readonly<Record<string, ComposeService>>;
}

export interface ComposeService {
  readonly image?: string;
  readonly build?: ComposeBuild;
  /** In the exec form: a shell would not hand signals on. */
  readonly command?: readonly string[];
  readonly restart?: string;
  readonly profiles?: readonly string[];
  /** A key without a value is handed on from .env. */
  readonly environment?: Readonly<Record<string, string | number | boolean | null>>;
  readonly ports?: readonly unknown[];
  readonly healthcheck?: { readonly test?: unknown; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, ComposeDependency>> | readonly string[];
}

export interface ComposeBuild {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly args?: Readonly<Record<string, string>>;
}

export interface ComposeDependency {
  readonly condition?: string;
  readonly required?: boolean;
}

export interface ReadCompose {
  readonly file: ComposeFile;
  /** Line, from 1, of the innermost part of the path that is written out; merged keys have the line of their owner. */
  lineOf(path: readonly (string | number)[]): number;
}

/** Parses a Compose file, merge keys included. Throws a Problem when it is not YAML. */
export function readCompose(text: string): ReadCompose {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter });
  const [error] = document.errors;
  if (error !== undefined) throw new Problem(`The Compose file is not YAML: ${error.message}`);
  return {
    file: document.toJS() as ComposeFile,
    lineOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return lineCounter.linePos(node.range[0]).line;
      }
      return 1;
    },
  };
}

/** A service that ends by itself, and is not to be started again. */
export function isOneShot(service: ComposeService): boolean {
  return service.restart === 'no';
}
