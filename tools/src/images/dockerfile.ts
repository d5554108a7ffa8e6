import { Problem } from '../problem/index.js';

/** The instructions that the images use; any other is refused, because the replay would leave it out. */
const KEYWORDS = [
  'FROM',
  'ARG',
  'ENV',
  'WORKDIR',
  'COPY',
  'RUN',
  'USER',
  'EXPOSE',
  'HEALTHCHECK',
  'CMD',
  'LABEL',
] as const;
export type Keyword = (typeof KEYWORDS)[number];

export interface Instruction {
  readonly keyword: Keyword;
  /** `--name=value`, in front of the arguments. */
  readonly flags: Readonly<Record<string, string>>;
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

export interface Stage {
  /** `AS name`, undefined for the last stage as a rule. */
  readonly name: string | undefined;
  readonly image: string;
  readonly line: number;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  readonly file: string;
  readonly stages: readonly Stage[];
}

/** Parses a Dockerfile. Throws a Problem that names the line it cannot follow. */
export function readDockerfile(text: string, { file }: { readonly file: string }): Dockerfile {
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of instructionsOf(text, { file })) {
    if (instruction.keyword === 'FROM') {
      const [image = '', as, name] = instruction.text.split(/\s+/);
      if (as !== undefined && as.toUpperCase() !== 'AS')
        throw new Problem(`${file}:${instruction.line}: FROM ${instruction.text} is not FROM image AS name.`);
      stages.push({ name, image, line: instruction.line, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined)
      throw new Problem(`${file}:${instruction.line}: ${instruction.keyword} stands before the first FROM.`);
    stage.instructions.push(instruction);
  }
  if (stages.length === 0) throw new Problem(`${file}: no FROM.`);
  return { file, stages };
}

/** The stage that becomes the image. */
export function finalStage({ file, stages }: Dockerfile): Stage {
  const stage = stages.at(-1);
  if (stage === undefined) throw new Problem(`${file}: no FROM.`);
  return stage;
}

/** The arguments of the exec form, undefined for the shell form. */
export function execForm(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  const parsed: unknown = JSON.parse(text);
  return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string') ? parsed : undefined;
}

/** `NAME=value` pairs of an ENV or LABEL; values may be quoted. */
export function pairsOf(text: string): readonly (readonly [string, string])[] {
  return [...text.matchAll(/([A-Za-z_][\w.-]*)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)].map(
    ([, name = '', quoted, plain = '']) => [name, quoted ?? plain],
  );
}

/** Names that a stage sets with ENV. */
export function environmentOf({ instructions }: Stage): readonly string[] {
  return instructions
    .filter(({ keyword }) => keyword === 'ENV')
    .flatMap(({ text }) => pairsOf(text).map(([name]) => name));
}

function* instructionsOf(text: string, { file }: { readonly file: string }): Generator<Instruction> {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1;
    let joined = lines[at]?.trim() ?? '';
    if (joined === '' || joined.startsWith('#')) continue;
    while (joined.endsWith('\\') && at + 1 < lines.length) {
      at += 1;
      const next = lines[at]?.trim() ?? '';
      // A comment between continued lines is left out, as the builder does.
      if (!next.startsWith('#')) joined = `${joined.slice(0, -1)}${next}`;
    }
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(joined) ?? [];
    const keyword = KEYWORDS.find((known) => known === word.toUpperCase());
    if (keyword === undefined)
      throw new Problem(`${file}:${line}: ${word} is not an instruction that these images use.`);
    yield { keyword, line, ...splitFlags(rest) };
  }
}

function splitFlags(rest: string): Pick<Instruction, 'flags' | 'text'> {
  const flags: Record<string, string> = {};
  let text = rest;
  for (let flag = /^--([\w-]+)=(\S+)\s+/.exec(text); flag !== null; flag = /^--([\w-]+)=(\S+)\s+/.exec(text)) {
    flags[flag[1] ?? ''] = flag[2] ?? '';
    text = text.slice(flag[0].length);
  }
  return { flags, text };
}
