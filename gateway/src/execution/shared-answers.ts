import type { Metrics } from '../observability/metrics.js';

/** Answers of operations under way: an equal one waits for them instead of doing the same again. Nothing is kept after. */
export interface SharedAnswers<Answer> {
  get(key: string, make: () => Promise<Answer>): Promise<Answer>;
}

export function createSharedAnswers<Answer>(metrics: Metrics): SharedAnswers<Answer> {
  const underWay = new Map<string, Promise<Answer>>();
  return {
    get: (key, make) => {
      const known = underWay.get(key);
      metrics.deduplicated('operation', known !== undefined);
      if (known !== undefined) return known;
      const making = make().finally(() => underWay.delete(key));
      underWay.set(key, making);
      return making;
    },
  };
}
