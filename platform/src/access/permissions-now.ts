import { isInRanges } from './address-range.js';
import type { AccessGrants, AccessRule } from './access-rule.js';
import type { Condition } from './condition.js';
import { isInWindow } from './time-window.js';

/** What conditions look at. */
export interface Circumstances {
  readonly now: Date;
  /** Address of the client; null when it is not known. */
  readonly ip: string | null;
  /** User-Agent header of the client; null when it sent none. */
  readonly userAgent: string | null;
  /** How the viewer signed in (RFC 8176). */
  readonly methods: readonly string[];
  /** Seconds since the epoch of the last interactive authentication. */
  readonly authenticatedAt: number;
}

/**
 * The permissions that are held under these circumstances: those that did not end, and those of the allow rules whose
 * condition holds, without those of the deny rules. A condition that cannot be judged (unknown address, unknown kind of
 * condition) opens nothing: an allow rule does not count then, a deny rule does.
 */
export function permissionsNow(grants: AccessGrants, circumstances: Circumstances): readonly string[] {
  const { permissions, expiries, rules } = grants;
  const now = circumstances.now.getTime() / 1_000;
  const lasting = permissions.filter((permission) => {
    const end = Object.hasOwn(expiries, permission) ? expiries[permission] : undefined;
    return end === undefined || now < end;
  });
  const current = rules.filter(({ expiresAt }) => expiresAt === undefined || !(now >= expiresAt));
  if (current.length === 0) return lasting.length === permissions.length ? permissions : lasting;
  const held = new Set(lasting);
  for (const rule of current) {
    if (rule.effect === 'allow' && isMet(rule, circumstances) === true) held.add(rule.permission);
  }
  // After all that allow, because deny wins; what is neither is taken for a denial.
  for (const rule of current) {
    if (rule.effect !== 'allow' && isMet(rule, circumstances) !== false) held.delete(rule.permission);
  }
  return [...held];
}

/** Undefined when it cannot be judged. */
type Verdict = boolean | undefined;

function isMet({ condition }: AccessRule, circumstances: Circumstances): Verdict {
  try {
    return judge(condition, circumstances);
  } catch {
    // Not a condition at all, or nested beyond the stack: what cannot be judged opens nothing.
    return undefined;
  }
}

/** With three values (Kleene), so that the order of the parts does not matter. */
function judge(condition: Condition, circumstances: Circumstances): Verdict {
  if ('all' in condition) return every(condition.all.map((part) => judge(part, circumstances)));
  if ('any' in condition) return not(every(condition.any.map((part) => not(judge(part, circumstances)))));
  if ('not' in condition) return not(judge(condition.not, circumstances));
  try {
    return judgeFact(condition, circumstances);
  } catch {
    // An address, a range, a time or a time zone that is none: part of the judgement, not a fault of the program.
    return undefined;
  }
}

type Fact = Exclude<Condition, { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }>;

function judgeFact(fact: Fact, { now, ip, userAgent, methods, authenticatedAt }: Circumstances): Verdict {
  if ('ip' in fact) return ip === null ? undefined : isInRanges(ip, fact.ip.in);
  if ('time' in fact) return isInWindow(now, fact.time);
  if ('method' in fact) return methods.includes(fact.method.has);
  if ('authAge' in fact) return definite(now.getTime() / 1_000 - authenticatedAt, fact.authAge.atMost);
  if ('userAgent' in fact) return (userAgent ?? '').toLowerCase().includes(fact.userAgent.contains.toLowerCase());
  return undefined;
}

function definite(age: number, atMost: number): Verdict {
  return Number.isNaN(age) || typeof atMost !== 'number' ? undefined : age <= atMost;
}

function not(verdict: Verdict): Verdict {
  return verdict === undefined ? undefined : !verdict;
}

function every(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return undefined;
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}
