import { z } from 'zod';
import { isAddressRange } from './address-range.js';
import { isTimeZone } from './time-window.js';

/**
 * When an access rule holds, as JSON. `all`, `any` and `not` combine; the others look at one fact of a request:
 * the address of the client, the time on the clock of a time zone, how the viewer signed in and how long ago, and what
 * the client calls itself (which it may say as it likes: no ground to allow something).
 */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly ip: { readonly in: readonly string[] } }
  | { readonly time: TimeWindow }
  | { readonly method: { readonly has: string } }
  | { readonly authAge: { readonly atMost: number } }
  | { readonly userAgent: { readonly contains: string } };

/** From `from` until just before `to`; over midnight when `to` is not later, and the weekday is that of its beginning. */
export interface TimeWindow {
  /** `HH:MM`, 24 hours. */
  readonly from: string;
  /** `HH:MM`, 24 hours. */
  readonly to: string;
  /** IANA name, for instance `Europe/Berlin`. */
  readonly timezone: string;
  /** ISO 8601: 1 is Monday, 7 is Sunday; without it every day. */
  readonly weekdays?: readonly number[] | undefined;
}

/** How deep conditions may be nested. */
export const CONDITION_DEPTH = 5;
/** How many conditions one may hold, itself included. */
export const CONDITION_NODES = 50;

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is not HH:MM, from 00:00 to 23:59');

const shape: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(shape).min(1) }),
    z.strictObject({ any: z.array(shape).min(1) }),
    z.strictObject({ not: shape }),
    z.strictObject({
      ip: z.strictObject({
        in: z
          .array(z.string().max(100).refine(isAddressRange, 'is neither an IP address nor a CIDR range'))
          .min(1)
          .max(100),
      }),
    }),
    z.strictObject({
      time: z.strictObject({
        from: clock,
        to: clock,
        timezone: z.string().max(100).refine(isTimeZone, 'is not an IANA time zone'),
        weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7).optional(),
      }),
    }),
    z.strictObject({ method: z.strictObject({ has: z.string().min(1).max(50) }) }),
    z.strictObject({ authAge: z.strictObject({ atMost: z.number().int().min(1).max(31_536_000) }) }),
    z.strictObject({ userAgent: z.strictObject({ contains: z.string().min(1).max(200) }) }),
  ]),
);

/** A well-formed condition of at most {@link CONDITION_DEPTH} levels and {@link CONDITION_NODES} parts. */
export const conditionSchema: z.ZodType<Condition> = z.preprocess((value, context) => {
  // Before the rest, which would follow any depth.
  const excess = excessOf(value);
  if (excess === undefined) return value;
  context.addIssue({ code: 'custom', message: excess, input: value });
  return z.NEVER;
}, shape);

function excessOf(value: unknown): string | undefined {
  let level: readonly unknown[] = [value];
  let nodes = 0;
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > CONDITION_DEPTH) return `is nested deeper than ${CONDITION_DEPTH} levels`;
    nodes += level.length;
    if (nodes > CONDITION_NODES) return `has more than ${CONDITION_NODES} parts`;
    level = level.flatMap(partsOf);
  }
  return undefined;
}

function partsOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const { all, any, not } = value as Readonly<Record<string, unknown>>;
  return [all, any, not === undefined ? [] : [not]].flatMap((parts) =>
    Array.isArray(parts) ? (parts as unknown[]) : [],
  );
}
