import type { Metrics } from '../observability/metrics.js';

/** Answers of operations under way: an equal one waits for them instead of doing the same again. Nothing is kept after. */
export interface SharedAnswers<Answer> {
  get(key: string, make: () => Promise<Answer>): Promise<Answer>;
  /** Something was changed: what is under way may not know, and is joined by nobody any more. */
  clear(): void;
}

export function createSharedAnswers<Answer>(metrics: Metrics): SharedAnswers<Answer> {
  const underWay = new Map<string, Promise<Answer>>();
  return {
    get: (key, make) => {
      const known = underWay.get(key);
      metrics.deduplicated('operation', known !== undefined);
      if (known !== undefined) return known;
      const making: Promise<Answer> = make().finally(() => {
        // After a change the key may be that of a younger answer.
        if (underWay.get(key) === making) underWay.delete(key);
      });
      underWay.set(key, making);
      return making;
    },
    clear: () => underWay.clear(),
  };
}
